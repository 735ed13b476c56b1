import { type AuditEntry, auditEntry } from "../../manage/audit/audit-entry";
import type { Caller } from "../../manage/caller";
import type { Incident, IncidentEnding } from "./ports";

/** That waggle opened an incident. */
export function incidentOpened({
  id,
  opened_at,
  began_at,
}: Pick<Incident, "id" | "opened_at" | "began_at">): AuditEntry {
  return auditEntry("waggle", {
    at: opened_at,
    tenant_id: null,
    action: "incident.opened",
    resource_id: id,
    after: { began_at: instant(began_at) },
  });
}

/** How somebody, or waggle, closes an incident now. */
export function incidentEnding(
  by: Caller | "waggle",
  { id, began_at, webhooks, recovered }: Incident,
  { closed_at, closed_by }: Pick<IncidentEnding, "closed_at" | "closed_by">,
): IncidentEnding {
  const audit = auditEntry(by, {
    at: closed_at,
    tenant_id: null,
    action: "incident.closed",
    resource_id: id,
    before: { began_at: instant(began_at), webhooks, recovered },
    after: { closed_by },
  });
  return { closed_at, closed_by, audit };
}

function instant(ms: number): string {
  return new Date(ms).toISOString();
}
