import type { PublishedData, PublishedEvent } from "@waggle/contracts";
import {
  COMMON_DATA_FIELDS,
  type EmailEvent,
  type EventData,
  type OutboundEventType,
  TYPE_DATA_FIELDS,
  wholeSecondInstant,
} from "@waggle/domain";

/** What ingest adds to a published event. Times in milliseconds since the epoch. */
export interface Stamp {
  readonly tenantId: string;
  readonly acceptedAt: number;
  readonly newEventId: (now: number) => string;
}

const DEFAULTS: Readonly<Record<string, unknown>> = { tags: [], metadata: {}, complaint_type: "other" };

/** The event as the rest of waggle knows it: an id, a type, an instant in UTC, `data` in the contract's order. */
export function canonicalEvent(event: PublishedEvent, { tenantId, acceptedAt, newEventId }: Stamp): EmailEvent {
  return {
    id: event.id ?? newEventId(acceptedAt),
    publisher_id: event.id !== undefined,
    tenant_id: tenantId,
    type: event.type,
    created_at: event.created_at ?? wholeSecondInstant(acceptedAt),
    accepted_at: acceptedAt,
    data: canonicalData(event.type, event.data),
  };
}

/** Documented fields first, then the publisher's own as they came. Spreading keeps even a key called `__proto__`. */
function canonicalData(type: OutboundEventType, given: PublishedData): EventData {
  const documented: Record<string, unknown> = {};
  for (const field of [...COMMON_DATA_FIELDS, ...TYPE_DATA_FIELDS[type]]) {
    if (Object.hasOwn(given, field)) documented[field] = given[field];
    else if (Object.hasOwn(DEFAULTS, field)) documented[field] = DEFAULTS[field];
  }
  return { ...documented, ...given, tags: given.tags ?? [], metadata: given.metadata ?? {} };
}
