import type {
  eventDeliverySchema,
  eventExplanationSchema,
  eventOutcomeSchema,
  eventSchema,
  filterPreviewSchema,
  Shown,
  timelineEntrySchema,
} from "@waggle/contracts";
import type { ExplainedEvent, TimelineEntry } from "../../explain/events";
import type { KeptEvent } from "../../explain/kept-event";
import type { WebhookOutcome } from "../../explain/outcomes";
import type { EventDelivery, TrialResult } from "../../explain/ports";

/**
 * An event as it was accepted. `type` is the canonical name, as publishers know it; `created_at` is what receivers see,
 * `accepted_at` what waggle judges by. Source: contract §2.
 */
export function eventView(event: KeptEvent): Shown<typeof eventSchema> {
  return {
    id: event.id,
    tenant_id: event.tenant_id,
    type: event.type,
    created_at: event.created_at,
    accepted_at: instant(event.accepted_at),
    data: event.data,
  };
}

/** What each webhook got of an event, or why it got nothing. */
export function explanationView({ event, outcomes }: ExplainedEvent): Shown<typeof eventExplanationSchema> {
  return { event: eventView(event), webhooks: outcomes.map(outcomeView) };
}

export function timelineEntryView({ event, deliveries }: TimelineEntry): Shown<typeof timelineEntrySchema> {
  return { ...eventView(event), deliveries: deliveries.map(eventDeliveryView) };
}

export function previewView({ matched, examined, since, examples }: TrialResult): Shown<typeof filterPreviewSchema> {
  return { matched, examined, since: instant(since), examples: examples.map(eventView) };
}

function outcomeView({ webhook_id, url, delivery, mismatch }: WebhookOutcome): Shown<typeof eventOutcomeSchema> {
  return {
    webhook_id,
    url,
    status: delivery?.status ?? null,
    reason: delivery ? delivery.reason : mismatch,
    delivery: delivery && eventDeliveryView(delivery),
  };
}

function eventDeliveryView(delivery: EventDelivery): Shown<typeof eventDeliverySchema> {
  return {
    id: delivery.delivery_id,
    webhook_id: delivery.webhook_id,
    status: delivery.status,
    reason: delivery.reason,
    round: delivery.round,
    attempt_count: delivery.attempt_count,
    next_attempt_at: delivery.next_attempt_at === null ? null : instant(delivery.next_attempt_at),
  };
}

function instant(ms: number): string {
  return new Date(ms).toISOString();
}
