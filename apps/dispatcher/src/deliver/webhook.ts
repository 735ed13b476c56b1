import type { WebhookEntry } from "@waggle/contracts";
import type { SigningKey } from "./signature";

/** A webhook as the dispatcher needs it: its directory entry with its secrets opened. */
export interface Webhook {
  readonly entry: WebhookEntry;
  /** Newest first; one that expired no longer signs. */
  readonly keys: readonly SigningKey[];
  /** Custom headers in the clear. */
  readonly headers: Readonly<Record<string, string>>;
}
