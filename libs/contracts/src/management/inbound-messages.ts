import { z } from "zod";
import { givenInstant } from "./instant";
import { tenantPageQuerySchema } from "./requests";

const wanted = z.string().min(1).nullable().default(null);

/**
 * The query of `GET /v1/inbound-messages`. Both times are those of `accepted_at`, `since` included, `until` not, parsed
 * to milliseconds since the epoch. Source: contract §4.
 */
export const inboundMessageSearchSchema = tenantPageQuerySchema.extend({
  address: wanted.describe("An inbound address, or its hash. It may be gone."),
  sender: wanted.describe("The address in `From` or in the envelope, whatever its case."),
  since: givenInstant.nullable().default(null).describe("`accepted_at` at or after this."),
  until: givenInstant.nullable().default(null).describe("`accepted_at` before this."),
});
