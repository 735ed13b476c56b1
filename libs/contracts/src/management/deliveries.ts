import { allEventNames, DELIVERY_STATUSES, eventTypeOfName } from "@waggle/domain";
import { z } from "zod";
import { givenInstant } from "./instant";
import { tenantPageQuerySchema, tenantQuerySchema } from "./requests";
import { oneOf } from "./text";

const wanted = z.string().min(1).nullable().default(null);

/**
 * The query of `GET /v1/deliveries`. Both times are those of `created_at`, `since` included, `until` not, parsed to
 * milliseconds since the epoch; event types go by any dialect's name. Source: contract §4.
 */
export const deliverySearchSchema = tenantPageQuerySchema.extend({
  webhook_id: wanted,
  status: z.enum(DELIVERY_STATUSES).nullable().default(null),
  event_type: oneOf(allEventNames(), eventTypeOfName, `must be one of ${allEventNames().join(", ")}`)
    .nullable()
    .default(null)
    .describe("By any dialect's name."),
  event_id: wanted,
  email_id: wanted,
  recipient: wanted,
  tag: wanted,
  since: givenInstant.nullable().default(null).describe("`created_at` at or after this."),
  until: givenInstant.nullable().default(null).describe("`created_at` before this."),
});

/** Which attempts a list is about. */
export const ATTEMPT_RESULTS = ["delivered", "failed"] as const;

/** The query of `GET /v1/webhooks/{id}/attempts`. */
export const attemptsQuerySchema = tenantPageQuerySchema.extend({
  result: z.enum(ATTEMPT_RESULTS).nullable().default(null),
});

/** The query of `GET /v1/live`. */
export const liveQuerySchema = tenantQuerySchema.extend({ webhook_id: wanted });
