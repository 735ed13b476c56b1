/**
 * Every change that the audit log tells of: the kind of thing, and what became of it. A closed list: docs/audit-log.md
 * describes the same, held to it by a test. Source: contract §4 "audit-log".
 */
export const AUDIT_ACTIONS = [
  "tenant.created",
  "tenant.changed",
  "tenant.deleted",
  "tenant.secret_imported",
  "tenant.secret_rotated",
  "api_key.created",
  "api_key.deleted",
  "webhook.created",
  "webhook.changed",
  "webhook.enabled",
  "webhook.disabled",
  "webhook.deleted",
  "webhook.secret_rotated",
  "webhook.tested",
  "delivery.requeued",
  "recovery.started",
  "recovery.cancelled",
  "incident.opened",
  "incident.closed",
] as const;

export type AuditAction = (typeof AUDIT_ACTIONS)[number];
