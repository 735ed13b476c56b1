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
import { line, paragraphs, understood } from "./text";

/** An event type, or `*` for all of the outbound five. */
export type SubscribedEvent = EventType | "*";

const within = ({ min, max }: { readonly min: number; readonly max: number }) => z.int().min(min).max(max);

const eventName = understood<SubscribedEvent>(
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

const secret = z
  .string()
  .refine(isImportableSecret, "must be 16 to 256 printable characters; what follows whsec_ must be base64");

/** What a URL and headers may be is judged by `libs/egress`, not here. */
const settings = {
  tags: subscribedTags.nullish(),
  description: paragraphs(WEBHOOK_LIMITS.descriptionLength).nullish(),
  dialect: z.enum(DIALECTS).nullish(),
  headers: z.record(z.string(), z.string()).nullish(),
  timeout_ms: within(WEBHOOK_LIMITS.timeoutMs).nullish(),
  max_in_flight: within(WEBHOOK_LIMITS.maxInFlight).nullish(),
  max_per_second: within(WEBHOOK_LIMITS.maxPerSecond).nullish(),
  retry_delays_s: z
    .array(within(WEBHOOK_LIMITS.retryDelaySeconds))
    .min(WEBHOOK_LIMITS.retryDelays.min)
    .max(WEBHOOK_LIMITS.retryDelays.max)
    .nullish(),
  disable_after_s: within(WEBHOOK_LIMITS.disableAfterSeconds).nullish(),
};

/** What a webhook is made of; null is as good as absent. Source: contract §4. */
export const webhookCreationSchema = z.strictObject({
  url: z.string(),
  events: subscribedEvents,
  ...settings,
  secret: secret.nullish(),
});

/** Absent: unchanged. Null: cleared to what a webhook has that never set it. */
export const webhookChangeSchema = z.strictObject({
  url: z.string().optional(),
  events: subscribedEvents.optional(),
  ...settings,
});

export type WebhookCreation = z.output<typeof webhookCreationSchema>;
export type WebhookChange = z.output<typeof webhookChangeSchema>;

/** The body of `POST /v1/webhooks/preview`: a filter as a webhook has it, and how far to look back. */
export const previewSchema = z.strictObject({
  events: subscribedEvents,
  tags: subscribedTags.nullish(),
  since: givenInstant.nullish(),
});
