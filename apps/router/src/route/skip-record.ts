import { type AttemptRecord, type DeliveryIdentity, endId, type WebhookEntry } from "@waggle/contracts";

const REASON = "webhook_disabled";

/**
 * The end of a delivery to a disabled webhook: ids and reason only, since whoever recovers it renders the body from
 * the stored event. `now` in milliseconds since the epoch. Source: contract §4 "while a webhook is disabled".
 */
export function skipRecord(identity: DeliveryIdentity, webhook: WebhookEntry, now: number): AttemptRecord {
  const round = 1;
  return {
    ...identity,
    try_id: endId({ delivery_id: identity.delivery_id, round, reason: REASON }),
    round,
    recorded_at: now,
    webhook_version: webhook.version,
    circuit: null,
    try: null,
    state: { status: "skipped", reason: REASON, next_attempt_at: null },
  };
}
