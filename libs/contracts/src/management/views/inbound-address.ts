import { z } from "zod";
import { pageSchema } from "./page";
import { EXAMPLE_IDS, shownId, shownInstant } from "./shown";

export const inboundAddressSchema = z
  .object({
    hash: shownId(EXAMPLE_IDS.inbound_address).describe(
      "Names the address. Nobody guesses it; who knows it may write.",
    ),
    address: z.string().describe("Where mail is sent to."),
    tenant_id: shownId(EXAMPLE_IDS.tenant),
    name: z.string().nullable(),
    created_at: shownInstant,
  })
  .meta({
    id: "InboundAddress",
    description: "Where mail for a tenant comes in.",
    examples: [
      {
        hash: EXAMPLE_IDS.inbound_address,
        address: `${EXAMPLE_IDS.inbound_address}@in.acme.com`,
        tenant_id: EXAMPLE_IDS.tenant,
        name: "support",
        created_at: "2026-04-17T12:34:56.789Z",
      },
    ],
  });

export const inboundAddressPageSchema = pageSchema(inboundAddressSchema, "InboundAddressPage");
