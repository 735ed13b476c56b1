import { PARSE_ERRORS } from "@waggle/domain";
import { z } from "zod";
import { INBOUND_DOORS } from "../../inbound";
import { pageSchema } from "./page";
import { EXAMPLE_IDS, shownId, shownInstant } from "./shown";

const EXAMPLE = {
  id: EXAMPLE_IDS.inbound_message,
  tenant_id: EXAMPLE_IDS.tenant,
  hash: EXAMPLE_IDS.inbound_address,
  to: `${EXAMPLE_IDS.inbound_address}@in.acme.com`,
  envelope_sender: "bounces@world.com",
  bounce: false,
  door: "smtp",
  accepted_at: "2026-04-17T12:34:56.789Z",
  from: "customer@world.com",
  from_name: "A Customer",
  subject: "Where is my order?",
  size: 48_213,
  attachment_count: 1,
  parse_error: null,
};

const summaryFields = {
  id: shownId(EXAMPLE_IDS.inbound_message).describe("The event's."),
  tenant_id: shownId(EXAMPLE_IDS.tenant),
  hash: shownId(EXAMPLE_IDS.inbound_address).describe("Of the inbound address, which may be gone."),
  to: z.string().describe("The inbound address."),
  envelope_sender: z.string().nullable().describe("Null: it was the null sender, or the mail came by HTTP."),
  bounce: z.boolean().describe("The envelope's sender was the null one: a bounce, or another automatic notice."),
  door: z.enum(INBOUND_DOORS),
  accepted_at: shownInstant,
  from: z.string().nullable(),
  from_name: z.string().nullable(),
  subject: z.string().nullable(),
  size: z.int().nonnegative().describe("Bytes of the message as it came."),
  attachment_count: z.int().nonnegative(),
  parse_error: z.enum(PARSE_ERRORS).nullable().describe("Why it could only be read in part. Null: it was read."),
};

export const inboundMessageSummarySchema = z.object(summaryFields).meta({
  id: "InboundMessageSummary",
  description: "A message that came in, as lists show it. A stranger's text.",
  examples: [EXAMPLE],
});

export const inboundMessagePageSchema = pageSchema(inboundMessageSummarySchema, "InboundMessagePage");

export const inboundMessageSchema = z
  .object({
    ...summaryFields,
    message_id: z.string().nullable(),
    html_body: z.string().nullable().describe("A stranger's HTML: never show it outside a sandbox."),
    text_body: z.string().nullable(),
    headers: z.array(z.object({ name: z.string(), value: z.string() })).describe("Unfolded and decoded, in order."),
    attachments: z.array(
      z.object({
        n: z.int().nonnegative().describe("Its place, as in the path of its download."),
        name: z.string().nullable(),
        content_type: z.string(),
        content_length: z.int().nonnegative().describe("Bytes, decoded."),
      }),
    ),
  })
  .meta({
    id: "InboundMessage",
    description: "A message that came in, with what could be read of it. A stranger's text.",
    examples: [
      {
        ...EXAMPLE,
        message_id: "<4711@world.com>",
        html_body: null,
        text_body: "Where is it?",
        headers: [{ name: "Subject", value: "Where is my order?" }],
        attachments: [{ n: 0, name: "receipt.pdf", content_type: "application/pdf", content_length: 34_120 }],
      },
    ],
  });
