import type { AuditQuery } from "@waggle/contracts";
import type { PageRequest } from "../page";
import type { OfTenant } from "../ports";
import type { AuditEntry } from "./audit-entry";

/** Which entries are wanted; null: whichever. Times in milliseconds since the epoch, `since` included, `until` not. */
export interface AuditSearch
  extends PageRequest,
    OfTenant,
    Pick<AuditQuery, "actor" | "action" | "resource_id" | "since" | "until"> {}

/** The audit log as it is kept. Every method rejects with `database_unavailable` when it cannot be reached. */
export abstract class AuditStore {
  /** Newest first. */
  abstract entries(search: AuditSearch): Promise<readonly AuditEntry[]>;
  /** Forgets some of the entries from before a time (milliseconds since the epoch). Returns how many; 0: there are none. */
  abstract forgetBefore(before: number): Promise<number>;
}
