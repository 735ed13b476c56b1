import type { Scope } from "@waggle/contracts";

/** A key that publishers and managers of one tenant authenticate with; `created_at` in ms since the epoch. */
export interface ApiKey {
  readonly id: string;
  readonly tenant_id: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** What is kept of the key itself: SHA-256, hex. */
  readonly key_hash: string;
  readonly created_at: number;
}
