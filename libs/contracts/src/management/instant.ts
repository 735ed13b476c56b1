import { toUtcInstant } from "@waggle/domain";
import { understood } from "./text";

/** A time as people write it: ISO 8601 with a zone. Parsed to milliseconds since the epoch. */
export const givenInstant = understood((given) => {
  const utc = toUtcInstant(given);
  return utc === null ? null : Date.parse(utc);
}, "must be an ISO 8601 time with a zone").meta({ format: "date-time", examples: ["2026-04-17T12:34:56Z"] });

/** Whether a period does not end before it begins; one without a beginning or an end does not. */
export function isInOrder(period: { readonly since: number | null; readonly until?: number | null | undefined }) {
  const { since, until } = period;
  return since === null || until === null || until === undefined || since <= until;
}

/** What is said of a period that is not. */
export const NOT_IN_ORDER = { path: ["until"], message: "must not be before since" };
