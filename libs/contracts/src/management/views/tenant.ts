import { DIALECTS } from "@waggle/domain";
import { z } from "zod";
import { pageSchema } from "./page";
import { EXAMPLE_IDS, shownId, shownInstant } from "./shown";

export const tenantSchema = z
  .object({
    id: shownId(EXAMPLE_IDS.tenant),
    name: z.string(),
    dialect: z.enum(DIALECTS).describe("What its webhooks speak unless they say otherwise."),
    alert_email: z.string().nullable().describe("Who is told when webhooks fail; null: nobody."),
    shared_secret: z.boolean().describe("Whether webhooks made from now on sign with one secret of the tenant."),
    created_at: shownInstant,
    updated_at: shownInstant,
  })
  .meta({
    id: "Tenant",
    description: "Whose events, webhooks and keys belong together.",
    examples: [
      {
        id: EXAMPLE_IDS.tenant,
        name: "Acme",
        dialect: "hiveku",
        alert_email: "ops@acme.com",
        shared_secret: false,
        created_at: "2026-04-17T12:34:56.789Z",
        updated_at: "2026-04-17T12:34:56.789Z",
      },
    ],
  });

export const tenantPageSchema = pageSchema(tenantSchema, "TenantPage");
