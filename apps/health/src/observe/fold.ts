import type { DeliveryIdentity } from "@waggle/contracts";
import { laterState, type RoundState } from "./round-state";

/** What one or more records change in a delivery's row; makes the row when there is none. */
export interface DeliveryChange {
  readonly identity: DeliveryIdentity;
  readonly state: RoundState;
  /** Attempts to be added to its count. */
  readonly attempts: number;
}

/**
 * One change per delivery, in the order of ids and the same whatever the order given. Every transaction locks rows in
 * this order, so that two never wait for each other. Of several copies of an event the one accepted first names it.
 */
export function foldChanges(changes: Iterable<DeliveryChange>): DeliveryChange[] {
  const folded = new Map<string, DeliveryChange>();
  for (const change of changes) {
    const id = change.identity.delivery_id;
    const before = folded.get(id);
    folded.set(id, before ? merged(before, change) : change);
  }
  return [...folded.values()].sort((a, b) => (a.identity.delivery_id < b.identity.delivery_id ? -1 : 1));
}

function merged(a: DeliveryChange, b: DeliveryChange): DeliveryChange {
  return {
    identity: b.identity.accepted_at < a.identity.accepted_at ? b.identity : a.identity,
    state: laterState(a.state, b.state),
    attempts: a.attempts + b.attempts,
  };
}
