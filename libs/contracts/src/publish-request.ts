import { OUTBOUND_EVENT_TYPES, type OutboundEventType, toUtcInstant } from "@waggle/domain";
import { z } from "zod";

/** Bounds of one publish request. Sizes are bytes of UTF-8 JSON without insignificant whitespace. Source: contract §2. */
export const PUBLISH_LIMITS = {
  events: 1_000,
  bodyBytes: 5 * 1_048_576,
  eventBytes: 256 * 1_024,
  metadataBytes: 16 * 1_024,
  tags: 50,
  tagLength: 128,
  /** Objects and lists inside each other, the event itself being the first. */
  nesting: 100,
} as const;

/** What publishers may call a type beside its own name. */
const TYPE_ALIASES: Readonly<Record<string, OutboundEventType>> = { spam_complaint: "complaint" };

/** The canonical type of a published event's `type`, null when it is none. */
export function publishedType(name: unknown): OutboundEventType | null {
  if (typeof name !== "string") return null;
  if (Object.hasOwn(TYPE_ALIASES, name)) return TYPE_ALIASES[name] ?? null;
  return OUTBOUND_EVENT_TYPES.find((type) => type === name) ?? null;
}

/** Bytes of a value as UTF-8 JSON. The value must not be nested deeper than `PUBLISH_LIMITS.nesting`. */
export function jsonBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}

/** Whether a parsed JSON value is an object, not a list. */
export function isJsonObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const must = (be: string) => ({
  error: ({ input }: { readonly input?: unknown }) => (input === undefined ? "is required" : `must be ${be}`),
});

const text = z.string(must("a string"));

/** Half a surrogate pair is no text, and PostgreSQL cannot store NUL: refused where a text names something. */
const UNNAMEABLE = /[\0\p{Surrogate}]/u;
const name = text.refine((value) => !UNNAMEABLE.test(value), "must not hold NUL or half a surrogate pair");
const required = name.min(1, "must not be empty");

const jsonObject = z.custom<Readonly<Record<string, unknown>>>(isJsonObject, must("an object"));

const tag = name.max(PUBLISH_LIMITS.tagLength, `must have at most ${PUBLISH_LIMITS.tagLength} characters`);

const commonData = z.looseObject({
  email_id: required,
  to: required,
  from: text.exactOptional(),
  subject: text.exactOptional(),
  // The length first: of a list with a million entries not every one is looked at.
  tags: z
    .array(z.unknown(), must("a list of strings"))
    .max(PUBLISH_LIMITS.tags, `must have at most ${PUBLISH_LIMITS.tags} entries`)
    .pipe(z.array(tag))
    .exactOptional(),
  metadata: jsonObject
    .refine(
      (metadata) => jsonBytes(metadata) <= PUBLISH_LIMITS.metadataBytes,
      `must have at most ${PUBLISH_LIMITS.metadataBytes} bytes`,
    )
    .exactOptional(),
});

const oneOf = <const Values extends readonly string[]>(values: Values) =>
  z.enum(values, must(`one of ${values.join(", ")}`));

const opened = {
  ip_address: text.exactOptional(),
  user_agent: text.exactOptional(),
  timestamp: text.exactOptional(),
};

const DATA_SCHEMAS = {
  delivery: commonData,
  bounce: commonData.extend({
    bounce_type: oneOf(["hard", "soft"]),
    bounce_subtype: text.exactOptional(),
    diagnostic_code: text.exactOptional(),
  }),
  complaint: commonData.extend({
    complaint_type: oneOf(["abuse", "fraud", "virus", "other"]).exactOptional(),
    feedback_id: text.exactOptional(),
  }),
  open: commonData.extend(opened),
  click: commonData.extend({ url: text.min(1, "must not be empty"), ...opened }),
} as const satisfies Readonly<Record<OutboundEventType, z.ZodType>>;

export type PublishedData = z.output<typeof commonData>;

/** What `data` of one type must hold; of an unknown type, what every type's must. Other keys are the publisher's own. */
export function publishedDataSchema(type: OutboundEventType | null): z.ZodType<PublishedData> {
  return type === null ? commonData : DATA_SCHEMAS[type];
}

/**
 * One published event around its `data`, which `publishedDataSchema` judges; unknown fields are refused. `type` and
 * `created_at` come out canonical, `data` as the very object that went in: a copy would lose a key like `__proto__`.
 */
export const publishedEventSchema = z.strictObject({
  id: z
    .string(must("a string"))
    .regex(/^[A-Za-z0-9_-]{1,64}$/, "must be 1 to 64 of A-Z a-z 0-9 _ -")
    .exactOptional(),
  type: z.transform((value: unknown, context) => {
    const type = publishedType(value);
    if (type !== null) return type;
    const message = value === undefined ? "is required" : `must be one of ${OUTBOUND_EVENT_TYPES.join(", ")}`;
    context.issues.push({ code: "custom", message, input: value });
    return z.NEVER;
  }),
  created_at: text
    .transform((value, context) => {
      const instant = toUtcInstant(value);
      if (instant !== null) return instant;
      const message = "must be an ISO 8601 instant with a zone, such as 2026-04-17T12:34:56Z";
      context.issues.push({ code: "custom", message, input: value });
      return z.NEVER;
    })
    .exactOptional(),
  data: jsonObject,
});

export type PublishedEvent = Omit<z.output<typeof publishedEventSchema>, "data"> & { readonly data: PublishedData };
