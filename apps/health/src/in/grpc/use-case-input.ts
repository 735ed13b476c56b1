import type { DescMessage, JsonObject, JsonValue } from "@bufbuild/protobuf";
import { WaggleError } from "@waggle/domain";
import { objectIn } from "./message-json";

/** What was sent, as use cases take it: the same objects that HTTP gives them. */
export interface UseCaseInput {
  readonly id: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body: JsonObject;
}

/** Of a request that asks: beside the id all fields are what HTTP has in its query. */
export function asQuestion({ id, ...query }: JsonObject): Omit<UseCaseInput, "body"> {
  return { id: textOf(id), query: asQuery(query) };
}

/** Of a request that does something: all fields are HTTP's body but the id and `inQuery`. */
export function asCommand({ id, ...rest }: JsonObject, inQuery: readonly string[] = ["tenant_id"]): UseCaseInput {
  const fields = Object.entries(rest);
  const query = fields.filter(([name]) => inQuery.includes(name));
  const body = fields.filter(([name]) => !inQuery.includes(name));
  return { id: textOf(id), query: asQuery(Object.fromEntries(query)), body: Object.fromEntries(body) };
}

/**
 * Of a request whose `field` holds settings, a change of those that `update_mask` names: HTTP's PATCH, where null is
 * cleared and absent unchanged. Without a mask, or with an empty one, of those that are set. Source: AIP-134.
 * @throws WaggleError `validation_failed` for a path that is no setting
 */
export function asChange({ update_mask: mask, ...rest }: JsonObject, field: string, settings: DescMessage) {
  const { [field]: given, ...request } = rest;
  const values = objectIn(given);
  if (typeof mask !== "string" || mask === "") return asCommand({ ...request, ...values });
  const named = mask === "*" ? settings.fields.map(({ name }) => name) : mask.split(",").map((path) => nameOf(path));
  return asCommand({ ...request, ...Object.fromEntries(named.map((name) => [name, values[name] ?? null])) });

  /** Paths of a mask are in JSON as fields are there by default: `retryDelaysS`. */
  function nameOf(path: string): string {
    const found = settings.fields.find(({ jsonName }) => jsonName === path);
    if (found) return found.name;
    throw new WaggleError("validation_failed", "some fields are wrong", {
      errors: [{ path: "/update_mask", message: `names ${path}, which is no field of ${field}` }],
    });
  }
}

/** What stands in a header over HTTP: an `etag` is its `If-Match`. */
export function headerIn(value: JsonValue | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function asQuery(fields: JsonObject): Record<string, string> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, textOf(value)]));
}

/** As it would stand in a URL. */
function textOf(value: JsonValue | undefined): string {
  return value === undefined ? "" : String(value);
}
