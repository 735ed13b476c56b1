import { EVENT_TYPES, type EventType, OUTBOUND_EVENT_TYPES } from "./event";

/** How a webhook's requests look: the documented products' own forms, and Standard Webhooks. Source: contract §3. */
export const DIALECTS = ["hiveku", "buzzmark", "standard"] as const;
export type Dialect = (typeof DIALECTS)[number];

const EVENT_NAMES: Readonly<Record<Dialect, Readonly<Record<EventType, string>>>> = {
  hiveku: {
    delivery: "delivery",
    bounce: "bounce",
    complaint: "complaint",
    open: "open",
    click: "click",
    inbound: "inbound",
  },
  buzzmark: {
    delivery: "delivery",
    bounce: "bounce",
    complaint: "spam_complaint",
    open: "open",
    click: "click",
    inbound: "inbound",
  },
  standard: {
    delivery: "email.delivery",
    bounce: "email.bounce",
    complaint: "email.complaint",
    open: "email.open",
    click: "email.click",
    inbound: "email.inbound",
  },
};

const TYPE_OF_NAME: ReadonlyMap<string, EventType> = new Map(
  DIALECTS.flatMap((dialect) => EVENT_TYPES.map((type) => [EVENT_NAMES[dialect][type], type] as const)),
);

/** What a dialect calls an event type, in headers, bodies and a webhook's `events`. */
export function eventName(dialect: Dialect, type: EventType): string {
  return EVENT_NAMES[dialect][type];
}

/** The event type that any dialect calls by this name, or null. */
export function eventTypeOfName(name: string): EventType | null {
  return TYPE_OF_NAME.get(name) ?? null;
}

/** Every name that some dialect gives to an event type, for error messages. */
export function allEventNames(): string[] {
  return [...TYPE_OF_NAME.keys()];
}

/**
 * The event types a subscription covers: `*` is the outbound five, `inbound` only when named.
 * Names of any dialect are understood; names nobody knows are ignored (they are refused when a webhook is written).
 */
export function subscribedTypes(names: readonly string[]): Set<EventType> {
  const types = new Set<EventType>();
  for (const name of names) {
    if (name === "*") for (const type of OUTBOUND_EVENT_TYPES) types.add(type);
    const type = eventTypeOfName(name);
    if (type) types.add(type);
  }
  return types;
}

/** The same subscription in a dialect's own words, without repetition; `*` stays `*`. */
export function eventNamesIn(dialect: Dialect, names: readonly string[]): string[] {
  const own = names.map((name) => {
    const type = eventTypeOfName(name);
    return type ? eventName(dialect, type) : name;
  });
  return [...new Set(own)];
}

/** Which dialects let a tenant's webhooks share one secret (on by default for these). */
export const SHARED_SECRET_BY_DEFAULT: Readonly<Record<Dialect, boolean>> = {
  hiveku: false,
  buzzmark: true,
  standard: false,
};

/** The header that carries a dialect's own signature, hex HMAC-SHA256 of the raw body; null: Standard Webhooks only. */
export const BRAND_SIGNATURE_HEADER: Readonly<Record<Dialect, string | null>> = {
  hiveku: "X-Hiveku-Signature",
  buzzmark: "X-Buzzmark-Signature",
  standard: null,
};
