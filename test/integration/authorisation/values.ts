import type { Operation, Parameter, Schema } from "./operations";

/** Before and after everything. */
const TIMES = ["2000-01-01T00:00:00Z", "2100-01-01T00:00:00Z"] as const;

/** Whether it takes any text, as ids and other people's words are: what might be another tenant's. */
export function isText({ type, enum: names, format }: Schema): boolean {
  return type === "string" && names === undefined && format === undefined;
}

/**
 * What can be put into a parameter: those of a tenant's words that it may be, or what its schema allows.
 * @throws Error that says what to teach: a parameter nothing is put into would never be tried
 */
export function valuesOf(parameter: Parameter, operation: Operation, words: readonly string[]): string[] {
  const { name, schema } = parameter;
  const where = `the ${parameter.in} parameter ${name} of ${operation.id}`;
  if (isText(schema)) {
    const patterns = [schema, ...(schema.allOf ?? [])].flatMap(({ pattern }) => pattern ?? []);
    const fits = (word: string) => patterns.every((pattern) => new RegExp(pattern, "u").test(word));
    const fitting = words.filter(fits);
    if (fitting.length > 0) return fitting;
    // A place in a list.
    if (fits("0")) return ["0"];
    throw new Error(`nothing of a tenant fits ${where}: teach populated-tenant.ts`);
  }
  if (schema.enum) return schema.enum.map(String);
  if (schema.format === "date-time") return [...TIMES];
  if (schema.type === "integer") return [String(schema.minimum ?? 0), String(schema.maximum ?? 1)];
  if (schema.type === "boolean") return ["true", "false"];
  throw new Error(`it is not known what to put into ${where}: teach values.ts`);
}

/**
 * A body that is as it should be: of the document's own example what is required, or all where nothing is.
 * @throws Error for a body that must hold something and has no example
 */
export function bodyOf({ id, body }: Operation): Record<string, unknown> | undefined {
  if (!body) return undefined;
  const [example] = body.examples ?? [];
  const required = body.required ?? [];
  if (typeof example !== "object" || example === null) {
    if (required.length === 0) return undefined;
    throw new Error(`the body of ${id} has no example in the document`);
  }
  const members = Object.entries(example);
  return Object.fromEntries(required.length === 0 ? members : members.filter(([name]) => required.includes(name)));
}

/** Bodies that are as they should be, but hold `word` where text can be: each in one place. */
export function bodiesWith(word: string, operation: Operation): Record<string, unknown>[] {
  return Object.entries(operation.body?.properties ?? {}).flatMap(([name, schema]) => {
    const value = withWord(word, schema);
    return value === undefined ? [] : [{ ...bodyOf(operation), [name]: value }];
  });
}

function withWord(word: string, schema: Schema): unknown {
  if (isText(schema)) return word;
  if (schema.type === "array" && schema.items && isText(schema.items)) return [word];
  const { additionalProperties: values } = schema;
  return typeof values === "object" && isText(values) ? { "X-Word": word } : undefined;
}
