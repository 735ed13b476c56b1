import { DIALECTS } from "@waggle/domain";
import { z } from "zod";
import { line } from "./text";

const name = line(128);
const dialect = z.enum(DIALECTS);
const alertEmail = z.email().max(254);

/** What a tenant is made of; null is as good as absent where there is a default. */
export const tenantCreationSchema = z.strictObject({
  name,
  dialect: dialect.nullish(),
  alert_email: alertEmail.nullish(),
  shared_secret: z.boolean().nullish(),
});

/** Absent: unchanged. Null: cleared, where there is something to clear to. */
export const tenantChangeSchema = z.strictObject({
  name: name.optional(),
  dialect: dialect.optional(),
  alert_email: alertEmail.nullish(),
  shared_secret: z.boolean().optional(),
});

export type TenantCreation = z.output<typeof tenantCreationSchema>;
export type TenantChange = z.output<typeof tenantChangeSchema>;
