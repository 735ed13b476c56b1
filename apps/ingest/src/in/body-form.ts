import type { IncomingHttpHeaders } from "node:http";
import { WaggleError } from "@waggle/domain";

/** The forms a publish request comes in: one JSON document, or one event a line. */
export type BodyForm = "json" | "ndjson";

const FORMS: Readonly<Record<string, BodyForm>> = { "application/json": "json", "application/x-ndjson": "ndjson" };

/**
 * How the body is to be read; JSON when nothing is said.
 * @throws WaggleError `unsupported_media_type`: another type, a charset other than UTF-8, or a compressed body
 */
export function bodyForm(headers: IncomingHttpHeaders): BodyForm {
  const encoding = headers["content-encoding"]?.trim().toLowerCase() ?? "identity";
  if (encoding !== "identity") throw unsupported("send the body uncompressed, without Content-Encoding");
  const contentType = headers["content-type"] ?? "application/json";
  const [type = "", ...parameters] = contentType.split(";").map((part) => part.trim().toLowerCase());
  const form = Object.hasOwn(FORMS, type) ? FORMS[type] : undefined;
  if (form === undefined) throw unsupported(`send one of ${Object.keys(FORMS).join(", ")}`);
  if (!parameters.every(isUtf8)) throw unsupported("send the body as UTF-8");
  return form;
}

/** Whether a parameter is harmless: only a charset changes how bytes are read. ASCII is UTF-8 too. */
function isUtf8(parameter: string): boolean {
  const charset = /^charset\s*=\s*"?([^"]*)"?$/.exec(parameter)?.[1];
  return charset === undefined || ["utf-8", "utf8", "us-ascii"].includes(charset.trim());
}

function unsupported(detail: string): WaggleError {
  return new WaggleError("unsupported_media_type", detail);
}
