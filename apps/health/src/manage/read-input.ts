import { fieldErrors } from "@waggle/contracts";
import { WaggleError } from "@waggle/domain";
import { z } from "zod";

/**
 * What was sent, parsed by its schema. Use cases do this themselves, after they have judged the caller: who may not
 * ask does not learn what is wrong with the question.
 * @throws WaggleError `validation_failed` with one entry per wrong field
 */
export function readInput<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new WaggleError("validation_failed", "some fields are wrong", { errors: fieldErrors(parsed.error) });
}

/** `?tenant_id=`: which tenant the operator asks for; null when none is named. */
export const tenantQuerySchema = z.strictObject({ tenant_id: z.string().min(1).nullable().default(null) });

/** For requests that say nothing in their body. */
export const emptyBodySchema = z.strictObject({}).nullish();
