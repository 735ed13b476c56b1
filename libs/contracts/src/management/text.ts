import { z } from "zod";

// PostgreSQL cannot store NUL, and half a surrogate pair comes back as another character.
const LINE = /^[^\p{Cc}\p{Cs}]*$/u;
const PARAGRAPHS = /^(?:[^\p{Cc}\p{Cs}]|[\t\n\r])*$/u;
const MESSAGE = "must not hold control characters or halves of characters";

/** One line of text, not blank. */
export function line(maxLength: number): z.ZodString {
  return z.string().max(maxLength).regex(LINE, MESSAGE).regex(/\S/u, "must not be blank");
}

/** Text that may have several lines, or none. */
export function paragraphs(maxLength: number): z.ZodString {
  return z.string().max(maxLength).regex(PARAGRAPHS, MESSAGE);
}

/** Text that `read` understands; where it answers null, `message` says what was expected. */
export function understood<Value>(read: (given: string) => Value | null, message: string) {
  return z.string().transform((given, context) => {
    const value = read(given);
    if (value !== null) return value;
    context.addIssue({ code: "custom", message });
    return z.NEVER;
  });
}

/** How JSON Schema describes a whole number that arrives as text, in a query. */
export function writtenNumber(told: { readonly minimum: number; readonly maximum: number; readonly default: number }) {
  return { type: "integer", pattern: undefined, ...told } as const;
}

/** One of these names, read as what `read` makes of it; `message` says what was expected. */
export function oneOf<Value>(names: readonly string[], read: (name: string) => Value | null, message: string) {
  return understood(read, message).meta({ enum: [...names] });
}
