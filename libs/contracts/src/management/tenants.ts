import { DIALECTS } from "@waggle/domain";
import { z } from "zod";
import { line } from "./text";

const name = line(128);
const dialect = z.enum(DIALECTS);
/** Lengths: RFC 5321 §4.5.3.1. */
const alertEmail = z
  .email()
  .max(254)
  .regex(/^[^@]{1,64}@/, "must have at most 64 characters before the @");

/** What a tenant is made of; null is as good as absent where there is a default. */
export const tenantCreationSchema = z
  .strictObject({
    name,
    dialect: dialect.nullish().describe("What its webhooks speak unless they say otherwise; `hiveku` when left out."),
    alert_email: alertEmail.nullish(),
    shared_secret: z.boolean().nullish().describe("On by default for `buzzmark`."),
  })
  .meta({ id: "TenantCreation", examples: [{ name: "Acme", dialect: "hiveku", alert_email: "ops@acme.com" }] });

/** Absent: unchanged. Null: cleared, where there is something to clear to. */
export const tenantChangeSchema = z
  .strictObject({
    name: name.optional(),
    dialect: dialect.optional(),
    alert_email: alertEmail.nullish(),
    shared_secret: z.boolean().optional(),
  })
  .meta({
    id: "TenantChange",
    description: "Absent: unchanged. Null: cleared, where there is something to clear to.",
    examples: [{ alert_email: null }],
  });

export type TenantCreation = z.output<typeof tenantCreationSchema>;
export type TenantChange = z.output<typeof tenantChangeSchema>;
