import {
  allEventNames,
  DIALECTS,
  type EventType,
  eventTypeOfName,
  isImportableSecret,
  WEBHOOK_LIMITS,
} from "@waggle/domain";
import { z } from "zod";
import { givenInstant } from "./instant";
import { line, oneOf, paragraphs } from "./text";

/** An event type, or `*` for all of the outbound five. */
export type SubscribedEvent = EventType | "*";

const within = ({ min, max }: { readonly min: number; readonly max: number }) => z.int().min(min).max(max);

const eventName = oneOf<SubscribedEvent>(
  ["*", ...allEventNames()],
  (name) => (name === "*" ? name : eventTypeOfName(name)),
  `must be * or one of ${allEventNames().join(", ")}`,
);

/** Distinct, because a filter names each thing once. */
const subscribedEvents = z
  .array(eventName)
  .min(1)
  .transform((all) => [...new Set(all)]);

const subscribedTags = z
  .array(line(WEBHOOK_LIMITS.tagLength))
  .max(WEBHOOK_LIMITS.tags)
  .transform((all) => [...new Set(all)]);

/** A secret that a receiver verifies with already. */
export const importedSecret = z
  .string()
  .refine(isImportableSecret, "must be 16 to 256 printable characters; what follows whsec_ must be base64")
  .meta({
    minLength: 16,
    description: "16 to 256 printable characters; what follows `whsec_` must be base64.",
    examples: ["whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"],
  });

/** What a URL and headers may be is judged by `libs/egress`, not here. */
const settings = {
  tags: subscribedTags.nullish().describe("Only events with at least one of them. None: whatever the tags."),
  description: paragraphs(WEBHOOK_LIMITS.descriptionLength).nullish(),
  dialect: z.enum(DIALECTS).nullish(),
  headers: z
    .record(z.string(), z.string())
    .nullish()
    .describe("At most 20, sent along with every attempt. `***` as a value leaves it as it is."),
  timeout_ms: within(WEBHOOK_LIMITS.timeoutMs).nullish(),
  max_in_flight: within(WEBHOOK_LIMITS.maxInFlight).nullish(),
  max_per_second: within(WEBHOOK_LIMITS.maxPerSecond).nullish(),
  retry_delays_s: z
    .array(within(WEBHOOK_LIMITS.retryDelaySeconds))
    .min(WEBHOOK_LIMITS.retryDelays.min)
    .max(WEBHOOK_LIMITS.retryDelays.max)
    .nullish(),
  disable_after_s: within(WEBHOOK_LIMITS.disableAfterSeconds)
    .nullish()
    .describe("Seconds of failing without one success; 0: never. The dialect's when left out."),
};

const url = z
  .string()
  .meta({ format: "uri", examples: ["https://api.acme.com/webhooks"] })
  .describe("Where to. docs/egress.md says which addresses are refused.");

/** What a webhook is made of; null is as good as absent. Source: contract §4. */
export const webhookCreationSchema = z
  .strictObject({
    url,
    events: subscribedEvents,
    ...settings,
    secret: importedSecret.nullish(),
  })
  .meta({
    id: "WebhookCreation",
    examples: [
      {
        url: "https://api.acme.com/webhooks",
        events: ["bounce", "complaint"],
        tags: ["marketing"],
        description: "CRM",
        headers: { "X-Api-Key": "s3cr3t" },
        timeout_ms: 5_000,
        max_per_second: 100,
        retry_delays_s: [30, 600, 3_600],
        disable_after_s: 86_400,
      },
    ],
  });

/** Absent: unchanged. Null: cleared to what a webhook has that never set it. */
export const webhookChangeSchema = z
  .strictObject({
    url: url.optional(),
    events: subscribedEvents.optional(),
    ...settings,
  })
  .meta({
    id: "WebhookChange",
    description: "Absent: unchanged. Null: cleared to what a webhook has that never set it.",
    examples: [{ events: ["*"], tags: null, max_per_second: 50 }],
  });

export type WebhookCreation = z.output<typeof webhookCreationSchema>;
export type WebhookChange = z.output<typeof webhookChangeSchema>;

/** The body of `POST /v1/webhooks/preview`: a filter as a webhook has it, and how far to look back. */
export const previewSchema = z
  .strictObject({
    events: subscribedEvents,
    tags: subscribedTags.nullish(),
    since: givenInstant.nullish().describe("How far to look back; 24 h when left out."),
  })
  .meta({
    id: "FilterTrial",
    examples: [{ events: ["bounce"], tags: ["marketing"], since: "2026-04-17T00:00:00Z" }],
  });
