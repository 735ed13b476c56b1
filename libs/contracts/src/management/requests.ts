import { z } from "zod";
import { line, writtenNumber } from "./text";

/** How many things a page holds. Source: contract §4. */
const PAGE_LIMIT = { default: 50, most: 200 } as const;

/** `?tenant_id=`: which tenant the operator asks for; null when none is named. */
export const tenantQuerySchema = z.strictObject({
  tenant_id: line(128)
    .nullable()
    .default(null)
    .describe("Which tenant the operator means. An API key may only name its own."),
});

const limit = z
  .string()
  .regex(/^\d{1,3}$/, "must be a whole number")
  .transform(Number)
  .pipe(z.number().min(1).max(PAGE_LIMIT.most))
  .default(PAGE_LIMIT.default)
  .meta({
    ...writtenNumber({ minimum: 1, maximum: PAGE_LIMIT.most, default: PAGE_LIMIT.default }),
    description: "How many to answer with at most.",
  });

/** `?limit=&cursor=` of every list; numbers arrive as text. What a cursor holds is the list's own matter. */
const pageQueryFields = {
  limit,
  cursor: z
    .string()
    .min(1)
    .optional()
    .describe("`next_cursor` of the page before. Opaque: nothing can be read from it."),
};

export const pageQuerySchema = z.strictObject(pageQueryFields);

/** A page of one tenant's things. */
export const tenantPageQuerySchema = tenantQuerySchema.extend(pageQueryFields);

/** For requests that say nothing in their query. */
export const emptyQuerySchema = z.strictObject({});

/** For requests that say nothing in their body. */
export const emptyBodySchema = z.strictObject({}).nullish();
