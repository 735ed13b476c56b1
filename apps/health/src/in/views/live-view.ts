import type { liveAttemptSchema, Shown } from "@waggle/contracts";
import type { LiveAttempt } from "../../live/live-attempt";
import { instant, instantOrNull } from "./log-view";

/** Source: contract §4. */
export function liveAttemptView(attempt: LiveAttempt): Shown<typeof liveAttemptSchema> {
  return {
    delivery_id: attempt.delivery_id,
    webhook_id: attempt.webhook_id,
    tenant_id: attempt.tenant_id,
    event_id: attempt.event_id,
    event_type: attempt.event_type,
    email_id: attempt.email_id,
    recipient: attempt.recipient,
    tags: attempt.tags,
    test: attempt.test,
    round: attempt.round,
    number: attempt.try?.number ?? null,
    at: instant(attempt.at),
    status_code: attempt.try?.status_code ?? null,
    error: attempt.try?.error ?? null,
    duration_ms: attempt.try?.duration_ms ?? null,
    status: attempt.status,
    reason: attempt.reason,
    next_attempt_at: instantOrNull(attempt.next_attempt_at),
    circuit: attempt.circuit,
  };
}
