/** The five things that happen to an email that was sent. Source: contract §2. */
export const OUTBOUND_EVENT_TYPES = ["delivery", "bounce", "complaint", "open", "click"] as const;
export type OutboundEventType = (typeof OUTBOUND_EVENT_TYPES)[number];

/** Everything a webhook can subscribe to: `*` means the outbound five, `inbound` is subscribed by name. */
export const EVENT_TYPES = [...OUTBOUND_EVENT_TYPES, "inbound"] as const;
export type EventType = (typeof EVENT_TYPES)[number];

/**
 * What is known of one email event once ingest has accepted it. The same shape is the value of `email.events`.
 * `data` keeps the publisher's own keys beside the documented ones.
 */
export interface EmailEvent {
  readonly id: string;
  /** Whether the publisher chose `id`: then the same id may come again on another day and must meet the first. */
  readonly publisher_id: boolean;
  readonly tenant_id: string;
  readonly type: OutboundEventType;
  /** What receivers see: UTC with `Z`, a fraction only if the publisher gave one. */
  readonly created_at: string;
  /** Milliseconds since the epoch, stamped by ingest: what waggle itself judges by. */
  readonly accepted_at: number;
  readonly data: EventData;
}

export interface EventData {
  readonly email_id: string;
  readonly to: string;
  readonly from?: string;
  readonly subject?: string;
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly [key: string]: unknown;
}

/** Fields of `data` that every outbound event has a place for, in the order receivers see them. */
export const COMMON_DATA_FIELDS = ["email_id", "to", "from", "subject", "tags", "metadata"] as const;

/** Fields of `data` that belong to one type, in the order receivers see them. Source: contract §2 and Hiveku's page. */
export const TYPE_DATA_FIELDS: Readonly<Record<OutboundEventType, readonly string[]>> = {
  delivery: [],
  bounce: ["bounce_type", "bounce_subtype", "diagnostic_code"],
  complaint: ["complaint_type", "feedback_id"],
  open: ["ip_address", "user_agent", "timestamp"],
  click: ["url", "ip_address", "user_agent", "timestamp"],
};

/** Every field of `data` that a type documents, in the order receivers see them. */
export const DOCUMENTED_FIELDS: Readonly<Record<OutboundEventType, ReadonlySet<string>>> = {
  delivery: documentedFields("delivery"),
  bounce: documentedFields("bounce"),
  complaint: documentedFields("complaint"),
  open: documentedFields("open"),
  click: documentedFields("click"),
};

function documentedFields(type: OutboundEventType): ReadonlySet<string> {
  return new Set([...COMMON_DATA_FIELDS, ...TYPE_DATA_FIELDS[type]]);
}

/**
 * The publisher's own keys of `data`, in the order JSON.parse kept them: number-like ones first. A field that another
 * type documents is one of them, and so is one called `__proto__`.
 */
export function otherData(event: EmailEvent): Record<string, unknown> {
  const documented = DOCUMENTED_FIELDS[event.type];
  return Object.fromEntries(Object.entries(event.data).filter(([key]) => !documented.has(key)));
}
