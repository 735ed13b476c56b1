import { EVENT_TYPES, MISMATCHES } from "@waggle/domain";
import { z } from "zod";
import { deliveryStateFields } from "./delivery";
import { pageSchema } from "./page";
import { EXAMPLE_IDS, shownId, shownInstant } from "./shown";

const EXAMPLE = {
  id: EXAMPLE_IDS.event,
  tenant_id: EXAMPLE_IDS.tenant,
  type: "bounce",
  created_at: "2026-04-17T12:34:56Z",
  accepted_at: "2026-04-17T12:34:56.789Z",
  data: {
    email_id: EXAMPLE_IDS.email,
    to: "customer@example.com",
    tags: ["order-shipped"],
    metadata: {},
    bounce_type: "hard",
  },
};

const DELIVERY_EXAMPLE = {
  id: EXAMPLE_IDS.delivery,
  webhook_id: EXAMPLE_IDS.webhook,
  status: "delivered",
  reason: null,
  round: 1,
  attempt_count: 1,
  next_attempt_at: null,
};

/** An event as it was accepted. Source: contract §2. */
export const eventSchema = z
  .object({
    id: shownId(EXAMPLE_IDS.event),
    tenant_id: shownId(EXAMPLE_IDS.tenant),
    type: z.enum(EVENT_TYPES),
    created_at: shownInstant.describe("What receivers see."),
    accepted_at: shownInstant.describe("What waggle judges by."),
    data: z
      .looseObject({
        email_id: z.string(),
        to: z.string(),
        from: z.string().optional(),
        subject: z.string().optional(),
        tags: z.array(z.string()),
        metadata: z.record(z.string(), z.unknown()),
      })
      .describe(
        "What was published of the email, the publisher's own keys included. Of mail that came in: `to`, `from`, `subject`.",
      ),
  })
  .meta({ id: "Event", description: "An event as it was accepted.", examples: [EXAMPLE] });

export const eventDeliverySchema = z
  .object({
    id: shownId(EXAMPLE_IDS.delivery),
    webhook_id: shownId(EXAMPLE_IDS.webhook),
    ...deliveryStateFields,
  })
  .meta({ id: "EventDelivery", description: "What one webhook got of an event.", examples: [DELIVERY_EXAMPLE] });

const { status, reason } = deliveryStateFields;

export const eventOutcomeSchema = z
  .object({
    webhook_id: shownId(EXAMPLE_IDS.webhook),
    url: z.string().nullable().describe("Null: the webhook was deleted."),
    status: status.nullable().describe("Null: there is no delivery."),
    reason: z
      .enum([...reason.unwrap().options, ...MISMATCHES])
      .nullable()
      .describe("Of the delivery, or why there is none. Null without one: the event matches, and it is on its way."),
    delivery: eventDeliverySchema.nullable(),
  })
  .meta({ id: "EventOutcome", description: "What came of an event for one webhook." });

export const eventExplanationSchema = z.object({ event: eventSchema, webhooks: z.array(eventOutcomeSchema) }).meta({
  id: "EventExplanation",
  description: "What each webhook of the tenant got of an event, or why it got nothing.",
  examples: [
    {
      event: EXAMPLE,
      webhooks: [
        {
          webhook_id: EXAMPLE_IDS.webhook,
          url: "https://api.acme.com/webhooks",
          status: null,
          reason: "tags_do_not_match",
          delivery: null,
        },
      ],
    },
  ],
});

export const timelineEntrySchema = z.object({ ...eventSchema.shape, deliveries: z.array(eventDeliverySchema) }).meta({
  id: "TimelineEntry",
  description: "An event of an email, and what each webhook got of it.",
  examples: [{ ...EXAMPLE, deliveries: [DELIVERY_EXAMPLE] }],
});

export const timelinePageSchema = pageSchema(timelineEntrySchema, "TimelinePage");

export const filterPreviewSchema = z
  .object({
    matched: z.int().nonnegative(),
    examined: z.int().nonnegative().describe("How many events were looked at: the newest, up to a bound."),
    since: shownInstant.describe("Since when all were looked at: what was asked for, or later if there were too many."),
    examples: z.array(eventSchema).describe("The newest that match."),
  })
  .meta({
    id: "FilterPreview",
    description: "How many recent events a filter would have matched.",
    examples: [{ matched: 1, examined: 12, since: "2026-04-16T12:34:56.789Z", examples: [EXAMPLE] }],
  });
