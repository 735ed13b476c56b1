import { allEventNames, EVENT_TYPES, eventTypeOfName } from "@waggle/domain";
import { z } from "zod";
import { tenantQuerySchema } from "./requests";
import { oneOf, writtenNumber } from "./text";

/** Seconds: what a client waits for a request anyway. */
const WAIT = { default: 15, most: 30 } as const;

/** `?wait=`: how long the answer may take to hold the result; parsed to milliseconds. Source: contract §4. */
export const webhookTestQuerySchema = tenantQuerySchema.extend({
  wait: z
    .string()
    .regex(/^\d{1,2}$/, "must be a whole number of seconds")
    .transform(Number)
    .pipe(z.number().max(WAIT.most))
    .default(WAIT.default)
    .transform((seconds) => seconds * 1_000)
    .meta({
      ...writtenNumber({ minimum: 0, maximum: WAIT.most, default: WAIT.default }),
      description: "Seconds to wait for the attempt to end; then the answer is 202.",
    }),
});

const type = oneOf(allEventNames(), eventTypeOfName, `must be one of ${EVENT_TYPES.join(", ")}`);

/** Which event to send, by any dialect's name; `delivery` when nothing is said. */
export const webhookTestSchema = z
  .strictObject({ type: type.nullish().describe("By any dialect's name; `delivery` when left out.") })
  .meta({ id: "WebhookTest", examples: [{ type: "bounce" }] })
  .nullish()
  .transform((body) => ({ type: body?.type ?? ("delivery" as const) }));
