import type { AttemptRecord, CircuitState, DeliveryIdentity, DeliveryState, HttpTry } from "@waggle/contracts";

/** An attempt, or an end without one (`try` null), as far as people watch it: without headers and response. */
export interface LiveAttempt extends Omit<DeliveryIdentity, "publisher_id" | "accepted_at" | "dialect">, DeliveryState {
  readonly try_id: string;
  readonly round: number;
  /** When it began; of an end when it was decided. Milliseconds since the epoch. */
  readonly at: number;
  readonly circuit: CircuitState | null;
  readonly try: Pick<HttpTry, "number" | "status_code" | "error" | "duration_ms"> | null;
}

/** What is kept of a record until it is sent: most of its bytes are headers and the response. */
export function liveAttempt(record: AttemptRecord): LiveAttempt {
  const { state, try: made } = record;
  return {
    try_id: record.try_id,
    delivery_id: record.delivery_id,
    event_id: record.event_id,
    webhook_id: record.webhook_id,
    tenant_id: record.tenant_id,
    event_type: record.event_type,
    email_id: record.email_id,
    recipient: record.recipient,
    tags: record.tags,
    test: record.test,
    round: record.round,
    at: made?.at ?? record.recorded_at,
    circuit: record.circuit,
    try: made && {
      number: made.number,
      status_code: made.status_code,
      error: made.error,
      duration_ms: made.duration_ms,
    },
    status: state.status,
    reason: state.reason,
    next_attempt_at: state.next_attempt_at,
  };
}
