import type { EventType } from "./event";

/** The part of a webhook that decides what it gets. */
export interface SubscriptionFilter {
  readonly types: ReadonlySet<EventType>;
  /** Empty: no tag filter. */
  readonly tags: ReadonlySet<string>;
  /** Milliseconds since the epoch. */
  readonly created_at: number;
}

export const MISMATCHES = ["event_type_not_subscribed", "tags_do_not_match", "created_after_event"] as const;
/** Why an event does not reach a webhook. Source: contract §4 "explain". */
export type Mismatch = (typeof MISMATCHES)[number];

/** A webhook made this long after an event was accepted may still get it: two clocks stamped the two times. */
const CREATED_TOLERANCE_MS = 1_000;

/**
 * Null when the event matches: its type is subscribed AND (no tag filter, or it carries at least one of the tags, or it
 * is inbound mail) AND the webhook was not created more than 1 s after the event was accepted. Source: architecture "router".
 */
export function mismatch(
  filter: SubscriptionFilter,
  event: { readonly type: EventType; readonly tags: readonly string[]; readonly accepted_at: number },
): Mismatch | null {
  if (!filter.types.has(event.type)) return "event_type_not_subscribed";
  // Tags are given to mail that is sent; mail that comes in has none to ask for.
  const isTagged = event.type !== "inbound";
  if (isTagged && filter.tags.size > 0 && !event.tags.some((tag) => filter.tags.has(tag))) return "tags_do_not_match";
  if (filter.created_at > event.accepted_at + CREATED_TOLERANCE_MS) return "created_after_event";
  return null;
}
