import { fieldErrors } from "@waggle/contracts";
import { WaggleError } from "@waggle/domain";
import type { z } from "zod";

/**
 * A body or query parsed by its schema.
 * @throws WaggleError `validation_failed` with one entry per wrong field
 */
export function parseBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const errors = fieldErrors(parsed.error);
  throw new WaggleError("validation_failed", "some fields are wrong", { errors });
}
