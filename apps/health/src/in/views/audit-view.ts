import type { auditEntrySchema, Shown } from "@waggle/contracts";
import type { AuditEntry } from "../../manage/audit/audit-entry";

/** An entry of the audit log in JSON: times in RFC 3339. Source: contract §4. */
export function auditEntryView({
  id,
  at,
  tenant_id,
  actor,
  key_id,
  action,
  resource_id,
  before,
  after,
}: AuditEntry): Shown<typeof auditEntrySchema> {
  return {
    id,
    at: new Date(at).toISOString(),
    tenant_id,
    actor: { kind: actor, key_id },
    action,
    resource_id,
    before,
    after,
  };
}
