import { fieldErrors } from "@waggle/contracts";
import { WaggleError } from "@waggle/domain";
import type { z } from "zod";

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
