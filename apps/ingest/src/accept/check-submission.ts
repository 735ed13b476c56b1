import { isJsonObject, jsonPointer, PUBLISH_LIMITS, type PublishedEvent } from "@waggle/contracts";
import { type FieldError, WaggleError } from "@waggle/domain";
import { checkEvent, MAX_LISTED_ERRORS } from "./check-event";
import type { Submission } from "./submission";

/**
 * Every event of a request, or nothing: one wrong field refuses them all.
 * @throws WaggleError `validation_failed` with each wrong field; `duplicate_id` when that is all that is wrong;
 *   `payload_too_large` when the events together are larger than a body may be
 */
export function checkSubmission(submission: Submission): PublishedEvent[] {
  const events: PublishedEvent[] = [];
  const errors = [...submission.errors];
  let bytes = 0;
  for (const [index, value] of submission.values.entries()) {
    if (errors.length >= MAX_LISTED_ERRORS) break;
    const checked = checkEvent(value, submission.path(index));
    if (checked.ok) {
      events.push(checked.event);
      bytes += checked.bytes;
    } else {
      for (const error of checked.errors) errors.push(error);
    }
  }
  const duplicates = repeatedIds(submission);
  if (errors.length > 0) throw refusal("validation_failed", [...errors, ...duplicates]);
  if (duplicates.length > 0) throw refusal("duplicate_id", duplicates);
  // Numbers grow when they are written out (1e20), so a body within its limit may hold more than that, and Kafka's
  // limit on a batch must stay out of reach: a request is written as one.
  if (bytes > PUBLISH_LIMITS.bodyBytes) {
    throw new WaggleError("payload_too_large", `the events have more than ${PUBLISH_LIMITS.bodyBytes} bytes`);
  }
  return events;
}

/** Every occurrence of an id but its first. */
function repeatedIds({ values, path }: Submission): FieldError[] {
  if (values.length < 2) return [];
  const firstWith = new Map<string, number>();
  const errors: FieldError[] = [];
  const pointer = (index: number) => jsonPointer([...path(index), "id"]);
  for (const [index, value] of values.entries()) {
    const id = isJsonObject(value) ? value.id : undefined;
    if (typeof id !== "string") continue;
    const first = firstWith.get(id);
    if (first === undefined) firstWith.set(id, index);
    else errors.push({ path: pointer(index), message: `is the same as ${pointer(first)}` });
  }
  return errors;
}

function refusal(code: "validation_failed" | "duplicate_id", errors: readonly FieldError[]): WaggleError {
  const listed = errors.slice(0, MAX_LISTED_ERRORS);
  const which = listed.length < MAX_LISTED_ERRORS ? "every wrong field" : `the first ${MAX_LISTED_ERRORS} wrong fields`;
  return new WaggleError(code, `no event was accepted: errors lists ${which}`, { errors: listed });
}
