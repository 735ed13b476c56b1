import type { attemptSchema, deliveryDetailSchema, deliverySchema, Shown } from "@waggle/contracts";
import type { LoggedAttempt, LoggedDelivery, LoggedDeliveryDetail } from "../../observe/logged-delivery";

/**
 * A delivery as lists show it. `event_type` is the canonical name whatever the webhook's dialect calls it, so that one
 * list can hold webhooks of several. Source: contract §4.
 */
export function deliveryView(delivery: LoggedDelivery): Shown<typeof deliverySchema> {
  return {
    id: delivery.delivery_id,
    webhook_id: delivery.webhook_id,
    event_id: delivery.event_id,
    event_type: delivery.event_type,
    email_id: delivery.email_id,
    recipient: delivery.recipient,
    tags: delivery.tags,
    status: delivery.status,
    reason: delivery.reason,
    round: delivery.round,
    attempt_count: delivery.attempt_count,
    test: delivery.test,
    created_at: instant(delivery.accepted_at),
    next_attempt_at: instantOrNull(delivery.next_attempt_at),
  };
}

/** A delivery with all that was sent and answered. */
export function deliveryDetailView(delivery: LoggedDeliveryDetail): Shown<typeof deliveryDetailSchema> {
  return {
    ...deliveryView(delivery),
    request: { headers: delivery.attempts.at(-1)?.request_headers ?? null, body: delivery.body },
    attempts: delivery.attempts.map(attemptView),
  };
}

/** An attempt as its delivery shows it. */
export function attemptView(attempt: LoggedAttempt): Shown<typeof attemptSchema> {
  return {
    round: attempt.round,
    number: attempt.number,
    at: instant(attempt.at),
    status_code: attempt.status_code,
    error: attempt.error,
    duration_ms: attempt.duration_ms,
    request_headers: attempt.request_headers,
    response_headers: attempt.response_headers,
    response_body: attempt.response_body,
    response_truncated: attempt.response_truncated,
    next_attempt_at: instantOrNull(attempt.next_attempt_at),
  };
}

export function instant(ms: number): string {
  return new Date(ms).toISOString();
}

export function instantOrNull(ms: number | null): string | null {
  return ms === null ? null : instant(ms);
}
