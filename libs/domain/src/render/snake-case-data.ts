import { DOCUMENTED_FIELDS, type EmailEvent, otherData } from "../event";

/**
 * `data` as Hiveku documents it, and as the standard dialect has it too: the common fields, those of the type, then
 * the publisher's own keys. Absent fields are left out. Source: contract §3 "body".
 */
export function snakeCaseData(event: EmailEvent): string {
  const documented: Record<string, unknown> = {};
  for (const field of DOCUMENTED_FIELDS[event.type]) documented[field] = event.data[field];
  const first = JSON.stringify(documented);
  const own = JSON.stringify(otherData(event));
  // Joined as texts: within one object JavaScript would move the publisher's number-like keys to the front.
  return own === "{}" ? first : `${first.slice(0, -1)},${own.slice(1)}`;
}
