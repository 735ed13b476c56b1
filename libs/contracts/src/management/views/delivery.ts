import { ATTEMPT_ERRORS, DELIVERY_STATUSES, EVENT_TYPES, EXHAUSTED_REASONS, SKIPPED_REASONS } from "@waggle/domain";
import { z } from "zod";
import { pageSchema } from "./page";
import { EXAMPLE_IDS, shownId, shownInstant } from "./shown";

const headers = z.record(z.string(), z.string()).describe("Names in lower case; values of custom headers are masked.");

/** Where a delivery stands, as every view of one says it. */
export const deliveryStateFields = {
  status: z.enum(DELIVERY_STATUSES),
  reason: z
    .enum([...EXHAUSTED_REASONS, ...SKIPPED_REASONS])
    .nullable()
    .describe("Why it is `exhausted` or `skipped`, else null."),
  round: z.int().positive().describe("1, and one more with every requeue."),
  attempt_count: z.int().nonnegative().describe("Tries of all rounds."),
  next_attempt_at: shownInstant.nullable(),
};

const EXAMPLE = {
  id: EXAMPLE_IDS.delivery,
  webhook_id: EXAMPLE_IDS.webhook,
  event_id: EXAMPLE_IDS.event,
  event_type: "bounce",
  email_id: EXAMPLE_IDS.email,
  recipient: "customer@example.com",
  tags: ["order-shipped"],
  status: "pending",
  reason: null,
  round: 1,
  attempt_count: 1,
  test: false,
  created_at: "2026-04-17T12:34:56.789Z",
  next_attempt_at: "2026-04-17T12:35:27.000Z",
};

const ATTEMPT_EXAMPLE = {
  round: 1,
  number: 1,
  at: "2026-04-17T12:34:56.801Z",
  status_code: 503,
  error: "http_status",
  duration_ms: 41,
  request_headers: { "content-type": "application/json", "webhook-id": EXAMPLE_IDS.delivery },
  response_headers: { "content-type": "text/plain" },
  response_body: "come back later",
  response_truncated: false,
  next_attempt_at: "2026-04-17T12:35:27.000Z",
};

/** One event for one webhook, as lists show it. `event_type` is the canonical name. Source: contract §4. */
export const deliverySchema = z
  .object({
    id: shownId(EXAMPLE_IDS.delivery),
    webhook_id: shownId(EXAMPLE_IDS.webhook),
    event_id: shownId(EXAMPLE_IDS.event),
    event_type: z.enum(EVENT_TYPES),
    email_id: z.string(),
    recipient: z.string(),
    tags: z.array(z.string()),
    ...deliveryStateFields,
    test: z.boolean().describe("A sample that was sent by hand."),
    created_at: shownInstant,
  })
  .meta({ id: "Delivery", description: "One event for one webhook.", examples: [EXAMPLE] });

export const deliveryPageSchema = pageSchema(deliverySchema, "DeliveryPage");

const attemptFields = {
  round: z.int().positive(),
  number: z.int().positive().describe("1, 2, … within the round."),
  at: shownInstant,
  status_code: z.int().nullable(),
  error: z.enum(ATTEMPT_ERRORS).nullable().describe("Null: it was delivered."),
  duration_ms: z.number().nonnegative(),
  request_headers: headers,
  response_headers: headers,
  response_body: z.string().nullable().describe("The first 16 KiB. Attackers' text: never to be shown as HTML."),
  response_truncated: z.boolean(),
  next_attempt_at: shownInstant.nullable(),
};

export const attemptSchema = z
  .object(attemptFields)
  .meta({ id: "Attempt", description: "One HTTP try of a delivery.", examples: [ATTEMPT_EXAMPLE] });

const REQUEST_EXAMPLE = { headers: ATTEMPT_EXAMPLE.request_headers, body: '{"id":"evt_01HPQRS","type":"bounce"}' };

export const deliveryDetailSchema = z
  .object({
    ...deliverySchema.shape,
    request: z
      .object({ headers: headers.nullable(), body: z.string().nullable() })
      .describe("What was sent last. Headers are null before the first attempt, the body where nothing is sent."),
    attempts: z.array(attemptSchema).describe("By round, then number."),
  })
  .meta({
    id: "DeliveryDetail",
    description: "A delivery with all that was sent and answered.",
    examples: [{ ...EXAMPLE, request: REQUEST_EXAMPLE, attempts: [ATTEMPT_EXAMPLE] }],
  });

/** What an attempt of a list was about. */
export const webhookAttemptSchema = z
  .object({
    delivery_id: shownId(EXAMPLE_IDS.delivery),
    event_id: shownId(EXAMPLE_IDS.event),
    event_type: z.enum(EVENT_TYPES),
    email_id: z.string(),
    recipient: z.string(),
    test: z.boolean(),
    ...attemptFields,
    request_body: z.string().nullable().describe("Null while only attempts of the delivery are known."),
  })
  .meta({
    id: "WebhookAttempt",
    description: "One HTTP try of a webhook, with what it was about.",
    examples: [
      {
        delivery_id: EXAMPLE.id,
        event_id: EXAMPLE.event_id,
        event_type: EXAMPLE.event_type,
        email_id: EXAMPLE.email_id,
        recipient: EXAMPLE.recipient,
        test: false,
        ...ATTEMPT_EXAMPLE,
        request_body: REQUEST_EXAMPLE.body,
      },
    ],
  });

export const webhookAttemptPageSchema = pageSchema(webhookAttemptSchema, "WebhookAttemptPage");
