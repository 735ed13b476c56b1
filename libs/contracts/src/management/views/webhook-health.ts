import { ATTEMPT_ERRORS, WEBHOOK_STATUSES } from "@waggle/domain";
import { z } from "zod";
import { CIRCUIT_STATES } from "../../attempt";
import { shownInstant } from "./shown";

const count = z.int().nonnegative();
const counts = z.object({ delivered: count, failed: count });
const rate = z.number().min(0).max(1).nullable();

/** How a webhook is doing; tests are not counted. Source: contract §4. */
export const webhookHealthSchema = z
  .object({
    status: z.enum(WEBHOOK_STATUSES),
    failing_since: shownInstant.nullable(),
    disable_at: shownInstant.nullable().describe("When it is disabled if it goes on failing; null: never, or it is."),
    last_attempt: z
      .object({
        at: shownInstant,
        status_code: z.int().nullable(),
        error: z.enum(ATTEMPT_ERRORS).nullable(),
        duration_ms: z.number(),
      })
      .nullable(),
    success_rate: z.object({ "24h": rate, "7d": rate }).describe("Delivered attempts ÷ attempts; null: none."),
    attempts: z.object({ "24h": counts, "7d": counts }),
    latency_ms: z.object({ p50: z.number().nullable(), p95: z.number().nullable() }).describe("Of the last 24 h."),
    circuit: z.enum(CIRCUIT_STATES),
    series: z.array(z.object({ at: shownInstant, ...counts.shape })).describe("Every hour of the last seven days."),
  })
  .meta({
    id: "WebhookHealth",
    description: "How a webhook is doing.",
    examples: [
      {
        status: "enabled",
        failing_since: "2026-04-17T12:00:00.000Z",
        disable_at: "2026-04-18T12:00:00.000Z",
        last_attempt: { at: "2026-04-17T12:34:56.789Z", status_code: 503, error: "http_status", duration_ms: 41 },
        success_rate: { "24h": 0.9, "7d": 0.99 },
        attempts: { "24h": { delivered: 9, failed: 1 }, "7d": { delivered: 99, failed: 1 } },
        latency_ms: { p50: 38, p95: 120 },
        circuit: "closed",
        series: [{ at: "2026-04-17T12:00:00.000Z", delivered: 0, failed: 1 }],
      },
    ],
  });
