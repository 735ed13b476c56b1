import type { Scope } from "@waggle/contracts";

/** A key that publishers and managers of one tenant authenticate with. Times in milliseconds since the epoch. */
export interface ApiKey {
  readonly id: string;
  readonly tenant_id: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** What is kept of the key itself: SHA-256, hex. */
  readonly key_hash: string;
  readonly created_at: number;
  /** From then on it is good for nothing; null: it does not expire. */
  readonly expires_at: number | null;
  /** To the minute; null: it was not used so far. */
  readonly last_used_at: number | null;
}

export function isExpired({ expires_at }: Pick<ApiKey, "expires_at">, now: number): boolean {
  return expires_at !== null && expires_at <= now;
}
