import { z } from "zod";
import { givenInstant, isInOrder, NOT_IN_ORDER } from "./instant";
import { tenantPageQuerySchema } from "./requests";
import { line } from "./text";

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
  "inbound_address.created",
  "inbound_address.deleted",
  "incident.opened",
  "incident.closed",
] as const;

export type AuditAction = (typeof AUDIT_ACTIONS)[number];

/** `operator`, `waggle` itself, or one API key by its id. */
const actor = z
  .string()
  .regex(/^(?:operator|waggle|key_[0-9A-HJKMNP-TV-Z]{26})$/, "must be operator, waggle or the id of an API key");

/**
 * The query of `GET /v1/audit-log`. Times are those of `at`, `since` included, `until` not, parsed to milliseconds since
 * the epoch. Source: contract §4.
 */
export const auditQuerySchema = tenantPageQuerySchema
  .extend({
    actor: actor.nullable().default(null),
    action: z.enum(AUDIT_ACTIONS).nullable().default(null),
    resource_id: line(128).nullable().default(null),
    since: givenInstant.nullable().default(null),
    until: givenInstant.nullable().default(null),
  })
  .refine(isInOrder, NOT_IN_ORDER);

export type AuditQuery = z.output<typeof auditQuerySchema>;
