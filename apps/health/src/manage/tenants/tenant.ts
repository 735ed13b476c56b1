import type { SealedSecret } from "@waggle/contracts";
import type { Dialect } from "@waggle/domain";

/** A publisher's account. Times in milliseconds since the epoch. */
export interface Tenant {
  readonly id: string;
  readonly name: string;
  /** What its webhooks speak unless they say otherwise. */
  readonly dialect: Dialect;
  readonly alert_email: string | null;
  /** The secret its sharing webhooks sign with, newest first; empty: each webhook has its own. AAD `<tenant id>|`. */
  readonly secrets: readonly SealedSecret[];
  readonly created_at: number;
  readonly updated_at: number;
}

export function sharesSecret(tenant: Tenant): boolean {
  return tenant.secrets.length > 0;
}
