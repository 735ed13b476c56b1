import type { AttemptRecord, DeliveryRecord, DeliveryState, HttpTry } from "@waggle/contracts";
import { endId } from "@waggle/contracts";
import type { ExhaustedReason, NextStep, Outcome, SkippedReason } from "@waggle/domain";

/** An attempt that has ended, and what is to follow. Times in milliseconds since the epoch. */
export interface AttemptEnd {
  readonly outcome: Outcome;
  readonly step: NextStep;
  readonly record: AttemptRecord;
  readonly startedAt: number;
  readonly endedAt: number;
}

/** What an attempt's record says beside what it repeats of the delivery. */
type Said = Pick<AttemptRecord, "try_id" | "recorded_at" | "webhook_version" | "try" | "state">;

/** One object in one go: there is one for every attempt, and copies of copies show in the profile. */
function recordOf(delivery: DeliveryRecord, said: Said): AttemptRecord {
  return {
    delivery_id: delivery.delivery_id,
    event_id: delivery.event_id,
    webhook_id: delivery.webhook_id,
    tenant_id: delivery.tenant_id,
    event_type: delivery.event_type,
    email_id: delivery.email_id,
    recipient: delivery.recipient,
    tags: delivery.tags,
    dialect: delivery.dialect,
    accepted_at: delivery.accepted_at,
    publisher_id: delivery.publisher_id,
    test: delivery.test,
    try_id: said.try_id,
    round: delivery.round,
    recorded_at: said.recorded_at,
    webhook_version: said.webhook_version,
    circuit: null,
    try: said.try,
    state: said.state,
  };
}

/** What a delivery is after an attempt that led to `step`. */
export function stateAfter(step: NextStep): DeliveryState {
  switch (step.kind) {
    case "delivered":
      return { status: "delivered", reason: null, next_attempt_at: null };
    case "retry":
      return { status: "pending", reason: null, next_attempt_at: step.due_at };
    case "exhausted":
      return { status: "exhausted", reason: step.reason, next_attempt_at: null };
  }
}

export function attemptRecord(
  delivery: DeliveryRecord,
  attempt: { readonly tryId: string; readonly version: number; readonly recordedAt: number; readonly http: HttpTry },
  step: NextStep,
): AttemptRecord {
  return recordOf(delivery, {
    try_id: attempt.tryId,
    recorded_at: attempt.recordedAt,
    webhook_version: attempt.version,
    try: attempt.http,
    state: stateAfter(step),
  });
}

/** The end of a round without an attempt: the webhook gets nothing now, or the delivery's time is over. */
export function endRecord(
  delivery: DeliveryRecord,
  end: (
    | { readonly status: "skipped"; readonly reason: SkippedReason }
    | { readonly status: "exhausted"; readonly reason: ExhaustedReason }
  ) & { readonly version: number },
  now: number,
): AttemptRecord {
  return recordOf(delivery, {
    try_id: endId({ delivery_id: delivery.delivery_id, round: delivery.round, reason: end.reason }),
    recorded_at: now,
    webhook_version: end.version,
    try: null,
    state: { status: end.status, reason: end.reason, next_attempt_at: null },
  });
}
