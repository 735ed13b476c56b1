import {
  fieldErrors,
  isJsonObject,
  jsonBytes,
  jsonPointer,
  PUBLISH_LIMITS,
  type PublishedData,
  type PublishedEvent,
  publishedDataSchema,
  publishedEventSchema,
  publishedType,
} from "@waggle/contracts";
import type { FieldError } from "@waggle/domain";
import { unrepresentable } from "./unrepresentable";

/** How many wrong fields one answer names; with more, the rest shows once these are mended. */
export const MAX_LISTED_ERRORS = 100;

export type CheckedEvent =
  | { readonly ok: true; readonly event: PublishedEvent; readonly bytes: number }
  | { readonly ok: false; readonly errors: readonly FieldError[] };

/** Holds one parsed value to every rule for a published event; `at` is where it stands in the body. */
export function checkEvent(value: unknown, at: readonly PropertyKey[]): CheckedEvent {
  if (!isJsonObject(value)) return refused([{ path: jsonPointer(at), message: "must be an object" }]);
  const { errors: lost, tooDeep } = unrepresentable(value, at, MAX_LISTED_ERRORS);
  if (tooDeep) return refused(lost);
  const bytes = jsonBytes(value);
  // Of what is too large not every field is looked at.
  if (bytes > PUBLISH_LIMITS.eventBytes) {
    return refused([{ path: jsonPointer(at), message: `must have at most ${PUBLISH_LIMITS.eventBytes} bytes` }]);
  }
  const event = publishedEventSchema.safeParse(value);
  const dataSchema = publishedDataSchema(publishedType(value.type));
  const data = isJsonObject(value.data) ? dataSchema.safeParse(value.data) : null;
  if (event.success && data?.success && lost.length === 0) {
    // The schema has just said that this is what it holds; its own copy would lack a key called `__proto__`.
    return { ok: true, event: { ...event.data, data: event.data.data as PublishedData }, bytes };
  }
  const aroundData = event.success ? [] : fieldErrors(event.error, at);
  const insideData = data === null || data.success ? [] : fieldErrors(data.error, [...at, "data"]);
  return refused([...aroundData, ...insideData, ...lost]);
}

function refused(errors: readonly FieldError[]): CheckedEvent {
  return { ok: false, errors };
}
