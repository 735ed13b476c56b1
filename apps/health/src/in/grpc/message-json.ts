import { type DescMessage, fromBinary, fromJsonString, type JsonObject, toBinary, toJson } from "@bufbuild/protobuf";
import { WaggleError } from "@waggle/domain";
import { REGISTRY } from "./schema";

/** Levels of messages: one of JSON takes up to three, and events have at most a hundred of those. */
const NESTING = 500;

/**
 * A message in protobuf's JSON, under the names that HTTP has: fields that are unset are absent, times are RFC 3339.
 * @throws WaggleError `malformed_request` for bytes that are no such message, or hold what JSON cannot say
 */
export function readMessage(schema: DescMessage, bytes: Uint8Array): JsonObject {
  try {
    const json = toJson(schema, fromBinary(schema, bytes), { registry: REGISTRY, useProtoFieldName: true });
    return objectIn(json);
  } catch (cause) {
    throw new WaggleError("malformed_request", `the request is no ${schema.typeName}`, { cause });
  }
}

/** A message from what HTTP would answer. What the message has no field for is left out, and so is null. */
export function writeMessage(schema: DescMessage, view: unknown): Buffer {
  const options = { registry: REGISTRY, recursionLimit: NESTING, ignoreUnknownFields: true };
  return Buffer.from(toBinary(schema, fromJsonString(schema, JSON.stringify(view), options)));
}

/** A message within a message; one that is unset is empty. */
export function objectIn(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
