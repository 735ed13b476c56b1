import { z } from "zod";
import type { CreateDocumentOptions } from "zod-openapi";

type Override = NonNullable<CreateDocumentOptions["override"]>;

/** Turns what zod says of a schema into what people who read the document need to know. */
export const publicSchema: Override = (context) => {
  openAnswers(context);
  toldExamples(context);
  portablePattern(context);
};

/** Answers may get new members at any time. */
const openAnswers: Override = ({ jsonSchema, io }) => {
  if (io === "output" && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
};

/** zod leaves out the examples and the default of what is transformed, because they might be meant for its output. */
const toldExamples: Override = ({ jsonSchema, zodSchema, io }) => {
  if (io !== "input") return;
  const told = z.globalRegistry.get(zodSchema);
  if (Array.isArray(told?.examples)) jsonSchema.examples = told.examples;
  if (told?.default !== undefined) jsonSchema.default = told.default;
};

/** The character classes of our patterns, for engines that know no Unicode properties. */
const RANGES: readonly (readonly [name: string, range: string])[] = [
  ["\\p{Cc}", "\\u0000-\\u001f\\u007f-\\u009f"],
  ["\\p{Cs}", "\\ud800-\\udfff"],
];

const portablePattern: Override = ({ jsonSchema }) => {
  for (const schema of [jsonSchema, ...(jsonSchema.allOf ?? [])]) {
    if (!("pattern" in schema) || schema.pattern === undefined) continue;
    schema.pattern = RANGES.reduce((pattern, [name, range]) => pattern.replaceAll(name, range), schema.pattern);
  }
};

/** A query as people write it. What they leave out is null for us, but there is no way to write null there. */
export function writtenQuery(query: z.ZodObject): z.ZodObject {
  return z.object(Object.fromEntries(Object.entries(query.shape).map(([name, field]) => [name, withoutNull(field)])));
}

function withoutNull(field: z.core.$ZodType): z.core.$ZodType {
  if (!(field instanceof z.ZodDefault && field.def.defaultValue === null)) return field;
  const nullable = field.unwrap();
  const given = nullable instanceof z.ZodNullable ? nullable.unwrap() : nullable;
  return z.optional(given).meta({ ...z.globalRegistry.get(given), ...field.meta() });
}
