import type { Shown, webhookAttemptSchema, webhookHealthSchema } from "@waggle/contracts";
import type { WebhookAttempt } from "../../observe/statistics/ports";
import type { WebhookHealth } from "../../observe/statistics/webhook-health";
import { attemptView, instant, instantOrNull } from "./log-view";

/** Source: contract §4. */
export function webhookHealthView(health: WebhookHealth): Shown<typeof webhookHealthSchema> {
  const { failing_since, disable_at, last_attempt, series, ...plain } = health;
  return {
    ...plain,
    failing_since: instantOrNull(failing_since),
    disable_at: instantOrNull(disable_at),
    last_attempt: last_attempt && { ...last_attempt, at: instant(last_attempt.at) },
    series: series.map((hour) => ({ ...hour, at: instant(hour.at) })),
  };
}

/** An attempt of a webhook: as its delivery shows it, with what it was about and the body that was sent. */
export function webhookAttemptView(attempt: WebhookAttempt): Shown<typeof webhookAttemptSchema> {
  const { delivery_id, event_id, event_type, email_id, recipient, test, request_body } = attempt;
  return { delivery_id, event_id, event_type, email_id, recipient, test, ...attemptView(attempt), request_body };
}
