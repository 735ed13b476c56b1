import type { AuditAction } from "@waggle/contracts";
import { newId } from "@waggle/secrets";
import type { Caller } from "../caller";
import type { Actor } from "../webhooks/history-entry";

/** What is told of a thing, as JSON: times in RFC 3339, no secret, of headers only the names. */
export type Told = Readonly<Record<string, unknown>>;

/** One change, and who made it. Times in milliseconds since the epoch. */
export interface AuditEntry {
  /** Sorts by `at`. */
  readonly id: string;
  readonly at: number;
  /** Whose thing it is; null: it spans tenants. */
  readonly tenant_id: string | null;
  readonly actor: Actor;
  /** The API key that was used. */
  readonly key_id: string | null;
  readonly action: AuditAction;
  readonly resource_id: string;
  /** The thing before, as far as that changed; null: there was nothing to tell. */
  readonly before: Told | null;
  readonly after: Told | null;
}

export interface Deed extends Pick<AuditEntry, "at" | "tenant_id" | "action" | "resource_id"> {
  readonly before?: Told | null;
  readonly after?: Told | null;
}

/** Where changes are recorded: in the transaction that makes them, so that there is never one without the other. */
export interface AuditTrail {
  recordAudit(entry: AuditEntry): Promise<void>;
}

/** What a caller did, or waggle on its own. */
export function auditEntry(by: Caller | "waggle", { before = null, after = null, ...deed }: Deed): AuditEntry {
  const actor = by === "waggle" ? by : by.kind;
  const key_id = by !== "waggle" && by.kind === "api_key" ? by.key_id : null;
  return { id: newId("aud", deed.at), ...deed, actor, key_id, before, after };
}
