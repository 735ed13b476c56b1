import type { AttemptRecord, CircuitState, DeliveryIdentity, DeliveryRecord, HttpTry } from "@waggle/contracts";
import type { RoundState } from "./round-state";
import { storableText } from "./storable-text";

/** A round that was begun: what one record of `webhook.deliveries` adds to the log. */
export interface DeliveryEntry {
  readonly identity: DeliveryIdentity;
  readonly state: RoundState;
  /** The body of the POST. */
  readonly body: string;
}

/** A try, or an end without one: what one record of `webhook.attempts` adds to the log. */
export interface AttemptEntry {
  readonly identity: DeliveryIdentity;
  readonly state: RoundState;
  readonly try_id: string;
  readonly webhook_version: number;
  /** Of the webhook, after it; null: not known. */
  readonly circuit: CircuitState | null;
  readonly try: LoggedTry | null;
}

/** Headers as JSON, which escapes what text cannot hold: most entries wait a while, and text is less to keep. */
export type LoggedTry = Omit<HttpTry, "request_headers" | "response_headers"> & {
  readonly request_headers: string;
  readonly response_headers: string;
};

/** Null for a record that begins no round: only the first attempt of a round is news. */
export function deliveryEntry(record: DeliveryRecord): DeliveryEntry | null {
  if (record.attempt !== 1 || record.park !== 0) return null;
  return {
    identity: storableIdentity(record),
    state: {
      round: record.round,
      status: "pending",
      reason: null,
      next_attempt_at: record.due_at,
      number: 0,
      at: record.first_due_at,
    },
    body: storableText(record.body.toString("utf8")),
  };
}

export function attemptEntry(record: AttemptRecord): AttemptEntry {
  const { state } = record;
  return {
    identity: storableIdentity(record),
    state: {
      round: record.round,
      status: state.status,
      reason: state.reason,
      next_attempt_at: wholeOrNull(state.next_attempt_at),
      number: record.try?.number ?? 0,
      at: Math.trunc(record.recorded_at),
    },
    try_id: record.try_id,
    webhook_version: record.webhook_version,
    circuit: record.circuit,
    try: record.try && storableTry(record.try),
  };
}

/** Picks the identity out of a record that holds more. */
function storableIdentity(record: DeliveryIdentity): DeliveryIdentity {
  return {
    delivery_id: record.delivery_id,
    event_id: record.event_id,
    webhook_id: record.webhook_id,
    tenant_id: record.tenant_id,
    event_type: record.event_type,
    email_id: storableText(record.email_id),
    recipient: storableText(record.recipient),
    tags: record.tags.map(storableText),
    dialect: record.dialect,
    accepted_at: Math.trunc(record.accepted_at),
    publisher_id: record.publisher_id,
    test: record.test,
  };
}

function storableTry(made: HttpTry): LoggedTry {
  return {
    number: made.number,
    at: Math.trunc(made.at),
    duration_ms: Math.round(made.duration_ms),
    status_code: made.status_code,
    error: made.error,
    request_headers: JSON.stringify(made.request_headers),
    response_headers: JSON.stringify(made.response_headers),
    response_body: made.response_body === null ? null : storableText(made.response_body),
    response_truncated: made.response_truncated,
  };
}

function wholeOrNull(ms: number | null): number | null {
  return ms === null ? null : Math.trunc(ms);
}
