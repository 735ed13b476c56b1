import { isJsonObject, jsonPointer, PUBLISH_LIMITS } from "@waggle/contracts";
import { type FieldError, WaggleError } from "@waggle/domain";

/** What one request wants published, parsed as JSON and nothing more. */
export interface Submission {
  readonly values: readonly unknown[];
  /** Where `values[index]` stands in the body; the whole body when it is one event alone. */
  readonly path: (index: number) => readonly PropertyKey[];
  /** What is wrong around the events. */
  readonly errors: readonly FieldError[];
}

/**
 * A JSON body: one event, or – when it has `events` – a list of them.
 * @throws WaggleError `too_many_events`
 */
export function submissionOf(body: unknown): Submission {
  if (!isJsonObject(body) || !Object.hasOwn(body, "events")) return { values: [body], path: () => [], errors: [] };
  const { events, ...others } = body;
  const unknownFields = Object.keys(others).map((key) => unknownField(key));
  if (!Array.isArray(events)) {
    return { ...listed([]), errors: [{ path: "/events", message: "must be a list of events" }, ...unknownFields] };
  }
  const list = submissionOfList(events);
  return { ...list, errors: [...list.errors, ...unknownFields] };
}

/**
 * Events that come as a list, whatever the form of the body; `/events/<index>` names one in either.
 * @throws WaggleError `too_many_events`
 */
export function submissionOfList(values: readonly unknown[]): Submission {
  refuseTooMany(values.length);
  const errors = values.length === 0 ? [{ path: "/events", message: "must hold at least one event" }] : [];
  return { ...listed(values), errors };
}

/** @throws WaggleError `too_many_events` */
export function refuseTooMany(events: number): void {
  if (events <= PUBLISH_LIMITS.events) return;
  throw new WaggleError("too_many_events", `one request may hold ${PUBLISH_LIMITS.events} events, this one ${events}`);
}

function listed(values: readonly unknown[]): Submission {
  return { values, path: (index) => ["events", index], errors: [] };
}

function unknownField(key: string): FieldError {
  return { path: jsonPointer([key]), message: "is not a known field" };
}
