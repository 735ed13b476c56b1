import { ATTEMPT_ERRORS, EVENT_TYPES } from "@waggle/domain";
import { z } from "zod";
import { CIRCUIT_STATES } from "../../attempt";
import { deliveryStateFields } from "./delivery";
import { EXAMPLE_IDS, shownId, shownInstant } from "./shown";

/** The `data` of an `attempt` or `end` in the live stream. Source: contract §4. */
export const liveAttemptSchema = z
  .object({
    delivery_id: shownId(EXAMPLE_IDS.delivery),
    webhook_id: shownId(EXAMPLE_IDS.webhook),
    tenant_id: shownId(EXAMPLE_IDS.tenant),
    event_id: shownId(EXAMPLE_IDS.event),
    event_type: z.enum(EVENT_TYPES),
    email_id: z.string(),
    recipient: z.string(),
    tags: z.array(z.string()),
    test: z.boolean(),
    round: deliveryStateFields.round,
    number: z.int().positive().nullable().describe("Null: an end without a try."),
    at: shownInstant,
    status_code: z.int().nullable(),
    error: z.enum(ATTEMPT_ERRORS).nullable(),
    duration_ms: z.number().nullable(),
    status: deliveryStateFields.status,
    reason: deliveryStateFields.reason,
    next_attempt_at: shownInstant.nullable(),
    circuit: z.enum(CIRCUIT_STATES).nullable(),
  })
  .meta({ id: "LiveAttempt", description: "The `data` of an `attempt` or `end` of the live stream." });
