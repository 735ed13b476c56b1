import { allEventNames, DIALECTS, DISABLED_REASONS, WEBHOOK_STATUSES } from "@waggle/domain";
import { z } from "zod";
import { pageSchema } from "./page";
import { EXAMPLE_IDS, shownId, shownInstant } from "./shown";

const EXAMPLE = {
  id: EXAMPLE_IDS.webhook,
  tenant_id: EXAMPLE_IDS.tenant,
  url: "https://api.acme.com/webhooks",
  events: ["bounce", "complaint"],
  tags: ["marketing"],
  description: "CRM",
  dialect: "hiveku",
  status: "enabled",
  disabled_reason: null,
  failing_since: null,
  headers: { "X-Api-Key": "***" },
  timeout_ms: 5_000,
  max_in_flight: null,
  max_per_second: 100,
  retry_delays_s: [30, 600, 3_600],
  disable_after_s: 86_400,
  created_at: "2026-04-17T12:34:56.789Z",
  updated_at: "2026-04-17T12:34:56.789Z",
  etag: '"4711"',
};

/** A webhook as it is shown; what it never set is null. Source: contract §4. */
export const webhookSchema = z
  .object({
    id: shownId(EXAMPLE_IDS.webhook),
    tenant_id: shownId(EXAMPLE_IDS.tenant),
    url: z.string().meta({ format: "uri" }),
    events: z
      .array(z.string().meta({ enum: ["*", ...allEventNames()] }))
      .describe("In the names of its dialect. `*`: delivery, bounce, complaint, open and click."),
    tags: z.array(z.string()).describe("Only events with at least one of them; empty: whatever the tags."),
    description: z.string().nullable(),
    dialect: z.enum(DIALECTS),
    status: z.enum(WEBHOOK_STATUSES),
    disabled_reason: z
      .enum(DISABLED_REASONS)
      .nullable()
      .describe("`failing`: for too long; `gone`: its receiver answered 410; `manual`: somebody did it."),
    failing_since: shownInstant.nullable().describe("When the failures began that no 2xx has ended since."),
    headers: z.record(z.string(), z.string()).describe("Sent along with every attempt. Values are never shown."),
    timeout_ms: z.int().nullable(),
    max_in_flight: z.int().nullable(),
    max_per_second: z.int().nullable(),
    retry_delays_s: z.array(z.int()).nullable().describe("Null: those of the dialect."),
    disable_after_s: z.int().nullable().describe("0: never. Null: that of the dialect."),
    created_at: shownInstant,
    updated_at: shownInstant,
    etag: z.string().describe("Names this state; send it back as `If-Match`."),
  })
  .meta({ id: "Webhook", description: "A subscription of one receiver.", examples: [EXAMPLE] });

const secret = z
  .string()
  .meta({ description: "What signs its deliveries.", examples: ["whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"] });

/** The only answer that shows the secret unasked. */
export const createdWebhookSchema = z.object({ ...webhookSchema.shape, secret }).meta({
  id: "CreatedWebhook",
  description: "A webhook that was just made, with its secret.",
  examples: [{ ...EXAMPLE, secret: "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD" }],
});

export const webhookPageSchema = pageSchema(webhookSchema, "WebhookPage");

export const webhookSecretSchema = z
  .object({ secret, shared: z.boolean().describe("Whether it is the one that webhooks of the tenant share.") })
  .meta({ id: "WebhookSecret", description: "What a webhook's next delivery is signed with." });

export const rotatedSecretSchema = z
  .object({
    ...webhookSecretSchema.shape,
    previous_expires_at: shownInstant
      .nullable()
      .describe("Until when a secret before it signs along; null: none does."),
  })
  .meta({ id: "RotatedSecret", description: "What a webhook is signed with from now on." });
