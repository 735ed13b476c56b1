import type { DeliveryRecord } from "@waggle/contracts";
import { inboundHashOf } from "@waggle/domain";
import type { KeptDelivery, NewRound } from "./ports";

/**
 * The round after all that a delivery had: the same id and bytes, due at `now` (milliseconds since the epoch). The
 * dispatcher holds it until it knows the webhook at `webhookVersion`, so that it never overtakes an enable.
 * Source: architecture "observe and manage".
 */
export function nextRound(
  delivery: KeptDelivery & { readonly body: string },
  { webhookVersion, now }: { readonly webhookVersion: number; readonly now: number },
): NewRound {
  const record: DeliveryRecord = {
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
    round: delivery.round + 1,
    attempt: 1,
    park: 0,
    park_reason: null,
    park_position: null,
    due_at: now,
    first_due_at: now,
    min_webhook_version: webhookVersion,
    inbound_hash: delivery.event_type === "inbound" ? inboundHashOf(delivery.recipient) : null,
    traceparent: null,
    body: Buffer.from(delivery.body),
  };
  return { record, supersedes: mayStillMove(delivery) };
}

/**
 * Whether an older round may be on its way. The log of one that is pending says so. One that was skipped may have
 * begun before: when a publisher repeats an id, the copy is skipped while the first one waits for its retry.
 */
function mayStillMove({ status, publisher_id, begun }: KeptDelivery): boolean {
  return status === "pending" || (status === "skipped" && publisher_id && begun);
}
