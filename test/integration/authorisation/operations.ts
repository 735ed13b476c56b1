import { z } from "zod";

const schemaSchema = z.object({
  $ref: z.string().optional(),
  /** That it may also be null is nothing to try. */
  type: z
    .union([z.string(), z.array(z.string()).transform((types) => types.find((type) => type !== "null"))])
    .optional(),
  enum: z.array(z.unknown()).optional(),
  format: z.string().optional(),
  pattern: z.string().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  examples: z.array(z.unknown()).optional(),
  required: z.array(z.string()).optional(),
  get properties(): z.ZodOptional<z.ZodRecord<z.ZodString, typeof schemaSchema>> {
    return z.record(z.string(), schemaSchema).optional();
  },
  get items(): z.ZodOptional<typeof schemaSchema> {
    return schemaSchema.optional();
  },
  get additionalProperties(): z.ZodOptional<z.ZodUnion<readonly [z.ZodBoolean, typeof schemaSchema]>> {
    return z.union([z.boolean(), schemaSchema]).optional();
  },
  get anyOf(): z.ZodOptional<z.ZodArray<typeof schemaSchema>> {
    return z.array(schemaSchema).optional();
  },
  get allOf(): z.ZodOptional<z.ZodArray<typeof schemaSchema>> {
    return z.array(schemaSchema).optional();
  },
});
/** As far as it says what may be sent. */
export type Schema = z.output<typeof schemaSchema>;

const parameterSchema = z.object({
  name: z.string(),
  in: z.enum(["path", "query", "header"]),
  schema: schemaSchema,
});
export type Parameter = z.output<typeof parameterSchema>;

const operationSchema = z.object({
  operationId: z.string(),
  security: z.array(z.record(z.string(), z.unknown())).optional(),
  parameters: z.array(parameterSchema).default([]),
  responses: z.record(z.string(), z.object({ content: z.record(z.string(), z.unknown()).optional() })),
  requestBody: z.object({ content: z.object({ "application/json": z.object({ schema: schemaSchema }) }) }).optional(),
});

const documentSchema = z.object({
  security: z.array(z.record(z.string(), z.unknown())),
  paths: z.record(z.string(), z.record(z.string(), operationSchema)),
  components: z.object({ schemas: z.record(z.string(), schemaSchema) }),
});

export interface Operation {
  readonly id: string;
  readonly method: string;
  /** As OpenAPI writes paths: `/v1/webhooks/{id}`. */
  readonly path: string;
  /** Whether no API key may ask for it. */
  readonly operatorOnly: boolean;
  readonly parameters: readonly Parameter[];
  /** Whether its answer goes on. */
  readonly isStream: boolean;
  /** Null: it takes none. */
  readonly body: Schema | null;
}

/**
 * Every operation of a document, deletions last and backwards, since a document tells of what holds other things first:
 * so that they can be asked for one after the other.
 * @throws ZodError for a document that says what this cannot read
 */
export function operationsOf(document: unknown): Operation[] {
  const { paths, security, components } = documentSchema.parse(document);
  const plain = (schema: Schema): Schema => {
    if (schema.$ref !== undefined) return plain(components.schemas[schema.$ref.split("/").at(-1) ?? ""] ?? {});
    const [only, ...others] = (schema.anyOf ?? []).filter(({ type }) => type !== "null");
    return only && others.length === 0 ? plain(only) : schema;
  };
  const read = (path: string, method: string, operation: z.output<typeof operationSchema>): Operation => {
    const body = operation.requestBody?.content["application/json"].schema;
    return {
      id: operation.operationId,
      method: method.toUpperCase(),
      path,
      operatorOnly: (operation.security ?? security).every((scheme) => !("api_key" in scheme)),
      parameters: operation.parameters.map((parameter) => ({ ...parameter, schema: plain(parameter.schema) })),
      isStream: "text/event-stream" in (operation.responses["200"]?.content ?? {}),
      body: body ? deepPlain(plain(body), plain) : null,
    };
  };
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => read(path, method, operation)),
  );
  const isDeletion = ({ method }: Operation) => method === "DELETE";
  return [...operations.filter((operation) => !isDeletion(operation)), ...operations.filter(isDeletion).toReversed()];
}

function deepPlain(schema: Schema, plain: (schema: Schema) => Schema): Schema {
  const properties = Object.entries(schema.properties ?? {}).map(([name, inner]) => [name, plain(inner)] as const);
  return { ...schema, properties: Object.fromEntries(properties) };
}
