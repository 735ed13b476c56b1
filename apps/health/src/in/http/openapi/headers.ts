import { z } from "zod";
import type { ZodOpenApiComponentsObject, ZodOpenApiOperationObject } from "zod-openapi";

/** Headers of answers, as components of the document. */
export const ANSWER_HEADERS = {
  "Content-Disposition": {
    description: "`attachment`, with the file's name (RFC 6266).",
    schema: { type: "string", examples: ["attachment; filename=\"receipt.pdf\"; filename*=UTF-8''receipt.pdf"] },
  },
  ETag: {
    description: "Names the state of the webhook; send it back as `If-Match`.",
    schema: { type: "string", examples: ['"4711"'] },
  },
  "Idempotency-Replayed": {
    description: "`true`: this is the answer that the first request with the same `Idempotency-Key` got.",
    schema: { type: "string", enum: ["true"] },
  },
  RateLimit: {
    description:
      "What is left (`r`), and in how many seconds it is more (`t`). The operator has no limit, and no header.",
    schema: { type: "string", examples: ['"key";r=499;t=1'] },
  },
  "RateLimit-Policy": {
    description: "The limit: `q` requests in `w` seconds, of an API key or of an address without a valid token.",
    schema: { type: "string", examples: ['"key";q=500;w=5'] },
  },
  "Retry-After": {
    description: "Seconds to wait before another try.",
    schema: { type: "integer", minimum: 0, examples: [5] },
  },
  "WWW-Authenticate": {
    description: "How to authenticate.",
    schema: { type: "string", examples: ["Bearer"] },
  },
} as const satisfies ZodOpenApiComponentsObject["headers"];

export type AnswerHeader = keyof typeof ANSWER_HEADERS;

/** What every answer says to who has a limit. */
export const RATE_HEADERS: readonly AnswerHeader[] = ["RateLimit", "RateLimit-Policy"];

/** Headers of requests beside `Authorization`. */
export const REQUEST_HEADERS = {
  "If-Match": z.string().meta({
    description: "The `ETag` that was read: nothing is changed if the webhook has changed since (412).",
    examples: ['"4711"'],
  }),
  "If-None-Match": z.string().meta({
    description: "An `ETag` that is known already: the answer is 304 while it is the one.",
    examples: ['"4711"'],
  }),
  "Idempotency-Key": z
    .string()
    .min(1)
    .max(255)
    .meta({
      description: "Names this request: sent again within 24 h, it is answered as the first time and done only once.",
      examples: ["5f0c8a62-6a0e-4b0e-9d0b-0d6f5a3f7c11"],
    }),
} as const;

export type RequestHeader = keyof typeof REQUEST_HEADERS;

/** References to components, as answers hold them. */
export function answerHeaders(names: readonly AnswerHeader[]) {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}

/** The optional headers of a request, as parameters. */
export function requestHeaders(
  names: readonly RequestHeader[],
): NonNullable<ZodOpenApiOperationObject["requestParams"]> {
  if (names.length === 0) return {};
  return { header: z.object(Object.fromEntries(names.map((name) => [name, REQUEST_HEADERS[name].optional()]))) };
}
