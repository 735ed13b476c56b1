import type { EntityManager } from "typeorm";
import type { AuditEntry } from "../manage/audit/audit-entry";

/** In the transaction of what it tells of. */
export async function putAudit(manager: EntityManager, entry: AuditEntry): Promise<void> {
  const { id, at, tenant_id, actor, key_id, action, resource_id, before, after } = entry;
  await manager.query(
    `INSERT INTO audit_log (id, at, tenant_id, actor, key_id, action, resource_id, before, after)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [id, new Date(at), tenant_id, actor, key_id, action, resource_id, jsonOrNull(before), jsonOrNull(after)],
  );
}

function jsonOrNull(told: AuditEntry["before"]): string | null {
  return told === null ? null : JSON.stringify(told);
}
