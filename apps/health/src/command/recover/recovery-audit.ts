import { type AuditEntry, auditEntry } from "../../manage/audit/audit-entry";
import type { Caller } from "../../manage/caller";
import type { Recovery } from "./recovery";

/** That somebody began a recovery, and of what. */
export function recoveryStarted(caller: Caller, recovery: Recovery): AuditEntry {
  const { id: resource_id, tenant_id, webhook_id, since, until, statuses, matched, created_at: at } = recovery;
  return auditEntry(caller, {
    at,
    tenant_id,
    action: "recovery.started",
    resource_id,
    after: { webhook_id, since: instant(since), until: instant(until), statuses, matched },
  });
}

/** That a recovery ended before its time, at `at`, and how far it was. */
export function recoveryCancelled(by: Caller | "waggle", recovery: Recovery, at: number): AuditEntry {
  const { id: resource_id, tenant_id, webhook_id, status, reason, requeued } = recovery;
  return auditEntry(by, {
    at,
    tenant_id,
    action: "recovery.cancelled",
    resource_id,
    before: { status: "running" },
    after: { webhook_id, status, reason, requeued },
  });
}

function instant(ms: number): string {
  return new Date(ms).toISOString();
}
