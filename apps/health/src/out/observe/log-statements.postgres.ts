import type { DeliveryIdentity } from "@waggle/contracts";
import { arrayLiteral, bulkInsert } from "@waggle/postgres";
import type { EventEntry } from "../../observe/event-entry";
import type { DeliveryChange } from "../../observe/fold";
import type { MessageEntry } from "../../observe/inbound/message-entry";
import type { AttemptEntry } from "../../observe/log-entry";
import type { DeliveryBody } from "../../observe/ports";

const attempts = bulkInsert<AttemptEntry>("attempts", [
  { name: "try_id", kind: "text", of: (entry) => entry.try_id },
  { name: "accepted_at", kind: "time", of: (entry) => entry.identity.accepted_at },
  { name: "delivery_id", kind: "text", of: (entry) => entry.identity.delivery_id },
  { name: "tenant_id", kind: "text", of: (entry) => entry.identity.tenant_id },
  { name: "webhook_id", kind: "text", of: (entry) => entry.identity.webhook_id },
  { name: "webhook_version", kind: "bigint", of: (entry) => entry.webhook_version },
  { name: "test", kind: "boolean", of: (entry) => entry.identity.test },
  { name: "round", kind: "integer", of: (entry) => entry.state.round },
  { name: "number", kind: "integer", of: (entry) => entry.state.number },
  { name: "at", kind: "time", of: (entry) => entry.try?.at ?? null },
  { name: "recorded_at", kind: "time", of: (entry) => entry.state.at },
  { name: "duration_ms", kind: "integer", of: (entry) => entry.try?.duration_ms ?? null },
  { name: "status_code", kind: "integer", of: (entry) => entry.try?.status_code ?? null },
  { name: "error", kind: "text", of: (entry) => entry.try?.error ?? null },
  { name: "request_headers", kind: "json", of: (entry) => entry.try?.request_headers ?? "{}" },
  { name: "response_headers", kind: "json", of: (entry) => entry.try?.response_headers ?? "{}" },
  { name: "response_body", kind: "text", of: (entry) => entry.try?.response_body ?? null },
  { name: "response_truncated", kind: "boolean", of: (entry) => entry.try?.response_truncated ?? false },
  { name: "next_attempt_at", kind: "time", of: (entry) => entry.state.next_attempt_at },
]);

/** Stores tries and answers with the ids of those that were not there. */
export const ATTEMPT_INSERT = { ...attempts, sql: `${attempts.sql} ON CONFLICT DO NOTHING RETURNING try_id` };

const bodies = bulkInsert<DeliveryBody>("delivery_bodies", [
  { name: "delivery_id", kind: "text", of: (row) => row.delivery_id },
  { name: "accepted_at", kind: "time", of: (row) => row.accepted_at },
  { name: "body", kind: "text", of: (row) => row.body },
]);

/** Stores bodies; the first one of a delivery stays. */
export const BODY_INSERT = { ...bodies, sql: `${bodies.sql} ON CONFLICT DO NOTHING` };

const claims = bulkInsert<DeliveryIdentity>("publisher_deliveries", [
  { name: "delivery_id", kind: "text", of: (identity) => identity.delivery_id },
  { name: "accepted_at", kind: "time", of: (identity) => identity.accepted_at },
]);

/** Notes where deliveries have their rows; the first note of a delivery stays. */
export const CLAIM_INSERT = { ...claims, sql: `${claims.sql} ON CONFLICT DO NOTHING` };

/** Forgets that of deliveries accepted before a time (milliseconds since the epoch), at most so many at once. */
export const CLAIMS_DROP = `DELETE FROM publisher_deliveries WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM publisher_deliveries WHERE accepted_at < to_timestamp($1 / 1000.0) LIMIT $2
  ))`;

const events = bulkInsert<EventEntry>("events", [
  { name: "event_id", kind: "text", of: ({ identity }) => identity.event_id },
  { name: "accepted_at", kind: "time", of: ({ identity }) => identity.accepted_at },
  { name: "tenant_id", kind: "text", of: ({ identity }) => identity.tenant_id },
  { name: "event_type", kind: "text", of: ({ identity }) => identity.event_type },
  { name: "email_id", kind: "text", of: ({ identity }) => identity.email_id },
  { name: "tags", kind: "texts", of: ({ identity }) => arrayLiteral(identity.tags) },
  { name: "body", kind: "text", of: ({ body }) => body },
]);

/** Stores events, each copy of an id once. */
export const EVENT_INSERT = { ...events, sql: `${events.sql} ON CONFLICT DO NOTHING` };

const messages = bulkInsert<MessageEntry>("inbound_messages", [
  { name: "event_id", kind: "text", of: ({ identity }) => identity.event_id },
  { name: "accepted_at", kind: "time", of: ({ identity }) => identity.accepted_at },
  { name: "tenant_id", kind: "text", of: ({ identity }) => identity.tenant_id },
  { name: "hash", kind: "text", of: ({ hash }) => hash },
  { name: "recipient", kind: "text", of: ({ recipient }) => recipient },
  { name: "envelope_sender", kind: "text", of: ({ envelope_sender }) => envelope_sender },
  { name: "bounce", kind: "boolean", of: ({ bounce }) => bounce },
  { name: "door", kind: "text", of: ({ door }) => door },
  { name: "from_address", kind: "text", of: ({ message }) => message.from },
  { name: "from_name", kind: "text", of: ({ message }) => message.from_name },
  { name: "subject", kind: "text", of: ({ message }) => message.subject },
  { name: "attachment_count", kind: "integer", of: ({ message }) => message.attachment_count },
  { name: "bytes", kind: "integer", of: ({ bytes }) => bytes },
  { name: "parse_error", kind: "text", of: ({ message }) => message.parse_error },
  { name: "senders", kind: "texts", of: ({ senders }) => arrayLiteral(senders) },
  { name: "message", kind: "text", of: ({ message }) => message.json },
]);

/** Stores messages, each once. */
export const MESSAGE_INSERT = { ...messages, sql: `${messages.sql} ON CONFLICT DO NOTHING` };

const deliveries = bulkInsert<DeliveryChange>("deliveries AS kept", [
  { name: "delivery_id", kind: "text", of: ({ identity }) => identity.delivery_id },
  { name: "accepted_at", kind: "time", of: ({ identity }) => identity.accepted_at },
  { name: "tenant_id", kind: "text", of: ({ identity }) => identity.tenant_id },
  { name: "webhook_id", kind: "text", of: ({ identity }) => identity.webhook_id },
  { name: "event_id", kind: "text", of: ({ identity }) => identity.event_id },
  { name: "event_type", kind: "text", of: ({ identity }) => identity.event_type },
  { name: "email_id", kind: "text", of: ({ identity }) => identity.email_id },
  { name: "recipient", kind: "text", of: ({ identity }) => identity.recipient },
  { name: "tags", kind: "texts", of: ({ identity }) => arrayLiteral(identity.tags) },
  { name: "dialect", kind: "text", of: ({ identity }) => identity.dialect },
  { name: "publisher_id", kind: "boolean", of: ({ identity }) => identity.publisher_id },
  { name: "test", kind: "boolean", of: ({ identity }) => identity.test },
  { name: "round", kind: "integer", of: ({ state }) => state.round },
  { name: "status", kind: "delivery_status", of: ({ state }) => state.status },
  { name: "reason", kind: "text", of: ({ state }) => state.reason },
  { name: "next_attempt_at", kind: "time", of: ({ state }) => state.next_attempt_at },
  { name: "state_number", kind: "integer", of: ({ state }) => state.number },
  { name: "state_at", kind: "time", of: ({ state }) => state.at },
  { name: "attempt_count", kind: "integer", of: ({ attempts: count }) => count },
]);

/** `laterState` in SQL; a test holds the two together. */
const rank = (row: string) =>
  `(${row}.round, ${row}.status, ${row}.state_number, ${row}.state_at,
    coalesce(${row}.reason, ''), coalesce(${row}.next_attempt_at, '-infinity'))`;
const SUPERSEDES = `${rank("excluded")} > ${rank("kept")}`;

const STATE_COLUMNS = ["round", "status", "reason", "next_attempt_at", "state_number", "state_at"];

/**
 * Merges changes into rows, or makes the rows. A row that a change leaves as it is, is not written: that is so for
 * nearly every delivery record, as its attempt is logged first.
 */
export const DELIVERY_MERGE = {
  ...deliveries,
  sql: `${deliveries.sql}
    ON CONFLICT (delivery_id, accepted_at) DO UPDATE SET
      ${STATE_COLUMNS.map((name) => `${name} = CASE WHEN ${SUPERSEDES} THEN excluded.${name} ELSE kept.${name} END`).join(",\n      ")},
      attempt_count = kept.attempt_count + excluded.attempt_count
    WHERE excluded.attempt_count > 0 OR ${SUPERSEDES}`,
};
