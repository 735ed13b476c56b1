import { VERSION } from "@waggle/service";
import Ajv, { type ValidateFunction } from "ajv/dist/2020";
import addFormats from "ajv-formats";
import { openApiDocument } from "../../../apps/health/src/in/http/openapi/document";

/** An answer of the management API, as it came over the wire. */
export interface Seen {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

interface Documented {
  readonly pointer: string;
  readonly headers: readonly string[];
  readonly mediaTypes: readonly string[];
}

/** Headers that an answer has only sometimes. */
const SOMETIMES = ["Idempotency-Replayed", "RateLimit", "RateLimit-Policy"];

const document: unknown = closed(JSON.parse(JSON.stringify(openApiDocument(VERSION))));
const ajv = new Ajv({ strict: false, allErrors: true }).addSchema({ $id: "openapi", ...record(document) });
addFormats(ajv);
const validators = new Map<string, ValidateFunction>();

const templates = Object.keys(record(record(document).paths))
  .map((template) => ({
    template,
    pattern: new RegExp(`^${template.replace(/\{[^}]*\}/g, "[^/]+")}$`),
  }))
  // `/v1/webhooks/preview` before `/v1/webhooks/{id}`.
  .sort((a, b) => Number(a.template.includes("{")) - Number(b.template.includes("{")));

/**
 * Holds an answer to docs/openapi.json: its status, media type, headers, and its body without a member too many.
 * @throws Error that says what differs
 */
export function assertDocumented(seen: Seen): void {
  const path = seen.path.split("?")[0] ?? "";
  const template = templates.find(({ pattern }) => pattern.test(path))?.template;
  const method = seen.method.toLowerCase();
  const differs = (what: string) => new Error(`${seen.method} ${path} ${what}, unlike docs/openapi.json: ${seen.text}`);
  if (template === undefined || !(method in record(record(record(document).paths)[template]))) {
    if ([401, 404, 405].includes(seen.status)) return;
    throw differs(`answered ${seen.status}, but is not there`);
  }
  const documented = answerOf(template, method, seen.status);
  if (!documented) throw differs(`answered ${seen.status}`);
  const missing = documented.headers.filter((name) => !SOMETIMES.includes(name) && !seen.headers.has(name));
  if (missing.length > 0) throw differs(`answered ${seen.status} without ${missing.join(", ")}`);
  if (documented.mediaTypes.length === 0) {
    if (seen.text !== "") throw differs(`answered ${seen.status} with a body`);
    return;
  }
  const mediaType = seen.headers.get("content-type")?.split(";")[0] ?? "none";
  if (!documented.mediaTypes.includes(mediaType)) throw differs(`answered with ${mediaType}`);
  if (mediaType === "text/event-stream") return;
  const validate = validator(`${documented.pointer}/content/${escaped(mediaType)}/schema`);
  if (!validate(JSON.parse(seen.text))) throw differs(ajv.errorsText(validate.errors));
}

function answerOf(template: string, method: string, status: number): Documented | null {
  const operation = record(record(record(record(document).paths)[template])[method]);
  const found = record(operation.responses)[status];
  if (found === undefined) return null;
  const { $ref } = record(found);
  const pointer =
    typeof $ref === "string" ? $ref : `#/paths/${escaped(template)}/${escaped(method)}/responses/${status}`;
  const answer = typeof $ref === "string" ? record(at($ref)) : record(found);
  return {
    pointer,
    headers: Object.keys(record(answer.headers ?? {})),
    mediaTypes: Object.keys(record(answer.content ?? {})),
  };
}

function validator(pointer: string): ValidateFunction {
  const known = validators.get(pointer) ?? ajv.compile({ $ref: `openapi${pointer}` });
  validators.set(pointer, known);
  return known;
}

function at(pointer: string): unknown {
  return pointer
    .slice(2)
    .split("/")
    .reduce<unknown>((value, part) => record(value)[part], document);
}

function escaped(part: string): string {
  return encodeURIComponent(part.replaceAll("~", "~0").replaceAll("/", "~1"));
}

/** Readers must expect new members; we must not answer with what is not documented. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== "object" || schema === null) return schema;
  const inner = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
  const open = inner.type === "object" && "properties" in inner && !("additionalProperties" in inner);
  return open ? { ...inner, additionalProperties: false } : inner;
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) throw new Error(`${String(value)} is no object`);
  return Object.fromEntries(Object.entries(value));
}
