import { allEventNames, DELIVERY_STATUSES, eventTypeOfName, toUtcInstant } from "@waggle/domain";
import { z } from "zod";
import { pageQuerySchema } from "../manage/page";
import { tenantQuerySchema } from "../manage/read-input";
import { decodeLogCursor } from "./log-cursor";
import { storableText } from "./storable-text";

/** What is looked for goes through what stored text went through. */
const text = z.string().min(1).transform(storableText).nullable().default(null);

/** Text that `read` understands; where it answers null, `message` says what was expected. */
export function understood<Value>(read: (given: string) => Value | null, message: string) {
  return z
    .string()
    .transform((given, context) => {
      const value = read(given);
      if (value !== null) return value;
      context.addIssue({ code: "custom", message });
      return z.NEVER;
    })
    .nullable()
    .default(null);
}

/** A time, as milliseconds since the epoch; null when none is given. */
export const instant = understood((given) => {
  const utc = toUtcInstant(given);
  return utc === null ? null : Date.parse(utc);
}, "must be an ISO 8601 time with a zone");

/**
 * The query of `GET /v1/deliveries`, parsed. Both times are those of `created_at`, `since` included, `until` not;
 * event types go by any dialect's name. Source: contract §4.
 */
export const deliverySearchSchema = z
  .strictObject({
    ...tenantQuerySchema.shape,
    webhook_id: text,
    status: z.enum(DELIVERY_STATUSES).nullable().default(null),
    event_type: understood(eventTypeOfName, `must be one of ${allEventNames().join(", ")}`),
    event_id: text,
    email_id: text,
    recipient: text,
    tag: text,
    since: instant,
    until: instant,
    limit: pageQuerySchema.shape.limit,
    cursor: understood(decodeLogCursor, "is not a cursor of this list"),
  })
  .refine(({ since, until }) => since === null || until === null || since <= until, {
    path: ["until"],
    message: "must not be before since",
  });
