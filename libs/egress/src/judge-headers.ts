/** Why a custom header is refused. Closed. */
export type HeaderRefusalReason =
  | "too_many_headers"
  | "name_too_long"
  | "name_malformed"
  | "name_reserved"
  | "name_repeated"
  | "value_too_long"
  | "value_malformed";

/** `path` is a JSON Pointer into the headers object, `""` for the object itself. `detail` never holds a value. */
export interface HeaderRefusal {
  readonly path: string;
  readonly reason: HeaderRefusalReason;
  readonly detail: string;
}

const MAX_HEADERS = 20;
const MAX_NAME_LENGTH = 128;
const MAX_VALUE_LENGTH = 4096;

/** Headers that frame the request, that waggle signs or sets itself, or that a cloud service takes as an order. */
const RESERVED_NAMES: ReadonlySet<string> = new Set([
  "host",
  "connection",
  "keep-alive",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "expect",
  "content-length",
  "content-encoding",
  "content-type",
  "date",
  "cookie",
  "user-agent",
  "traceparent",
]);

const RESERVED_PREFIXES = [
  "proxy-",
  "webhook-",
  "x-hiveku-",
  "x-buzzmark-",
  "x-forwarded-",
  "x-amz-",
  "x-goog-",
  "metadata",
] as const;

/** RFC 9110 §5.6.2 token. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** RFC 9110 §5.5: tab, visible ASCII, space and obs-text. Anything else cannot be sent, CR, LF and NUL least of all. */
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Judges a webhook's custom headers. Empty when all may be sent; else one refusal for each wrong header. */
export function judgeHeaders(headers: Readonly<Record<string, string>>): readonly HeaderRefusal[] {
  const entries = Object.entries(headers);
  const refusals: HeaderRefusal[] = [];
  if (entries.length > MAX_HEADERS) {
    refusals.push({ path: "", reason: "too_many_headers", detail: `at most ${MAX_HEADERS} headers are allowed` });
  }
  const seen = new Set<string>();
  for (const [name, value] of entries) {
    const refusal = judgeName(name, seen) ?? judgeValue(value);
    seen.add(name.toLowerCase());
    if (refusal !== undefined) refusals.push({ path: pointerTo(name), ...refusal });
  }
  return refusals;
}

type HeaderProblem = Omit<HeaderRefusal, "path">;

function judgeName(name: string, seen: ReadonlySet<string>): HeaderProblem | undefined {
  const lower = name.toLowerCase();
  if (name.length > MAX_NAME_LENGTH) {
    return { reason: "name_too_long", detail: `a header name has at most ${MAX_NAME_LENGTH} characters` };
  }
  if (!TOKEN.test(name)) return { reason: "name_malformed", detail: "this is not a valid header name" };
  if (RESERVED_NAMES.has(lower) || RESERVED_PREFIXES.some((prefix) => lower.startsWith(prefix))) {
    return { reason: "name_reserved", detail: "this header is reserved" };
  }
  return seen.has(lower) ? { reason: "name_repeated", detail: "this header is given twice" } : undefined;
}

function judgeValue(value: string): HeaderProblem | undefined {
  if (value.length > MAX_VALUE_LENGTH) {
    return { reason: "value_too_long", detail: `a header value has at most ${MAX_VALUE_LENGTH} characters` };
  }
  if (FIELD_VALUE.test(value)) return undefined;
  return { reason: "value_malformed", detail: "the value holds a character that cannot be sent in a header" };
}

/** RFC 6901. */
function pointerTo(name: string): string {
  return `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}
