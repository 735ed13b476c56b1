import { type Mismatch, mismatch } from "@waggle/domain";
import type { KeptEvent } from "./kept-event";
import type { EventDelivery, WebhookThen } from "./ports";

/** What an event came to for one webhook, or why it came to nothing. */
export interface WebhookOutcome {
  readonly webhook_id: string;
  /** Null for a webhook that was deleted. */
  readonly url: string | null;
  readonly delivery: EventDelivery | null;
  /** Null beside a delivery; else null means that it matches, and its delivery is not in the log (yet). */
  readonly mismatch: Mismatch | null;
}

/**
 * One outcome for each webhook there is, and for each that was deleted and had got the event. The log is asked before
 * the filter: the router matches when it reads an event, which may be after a change of the filter. Source: contract §4.
 */
export function outcomesOf(
  event: KeptEvent,
  webhooks: readonly WebhookThen[],
  deliveries: readonly EventDelivery[],
): WebhookOutcome[] {
  const subject = { type: event.type, tags: event.data.tags, accepted_at: event.accepted_at };
  const delivered = new Map(deliveries.map((delivery) => [delivery.webhook_id, delivery]));
  const known = new Set(webhooks.map(({ webhook_id }) => webhook_id));
  const current = webhooks.map(({ webhook_id, url, filter }) => {
    const delivery = delivered.get(webhook_id) ?? null;
    return { webhook_id, url, delivery, mismatch: delivery ? null : mismatch(filter, subject) };
  });
  const deleted = deliveries
    .filter(({ webhook_id }) => !known.has(webhook_id))
    .map((delivery) => ({ webhook_id: delivery.webhook_id, url: null, delivery, mismatch: null }));
  return [...current, ...deleted];
}
