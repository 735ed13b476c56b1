import { COMMON_DATA_FIELDS, type EmailEvent, otherData, TYPE_DATA_FIELDS } from "../event";
import { objectText } from "./object-text";

/**
 * `data` as Hiveku documents it, and as the standard dialect has it too: the common fields, those of the type, then
 * the publisher's own keys. Absent fields are left out. Source: contract §3 "body".
 */
export function snakeCaseData(event: EmailEvent): string {
  const documented = [...COMMON_DATA_FIELDS, ...TYPE_DATA_FIELDS[event.type]];
  return objectText([
    ...documented.map((field) => [field, event.data[field]] as const),
    ...Object.entries(otherData(event)),
  ]);
}
