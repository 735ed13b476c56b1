import type { DeliveryIdentity } from "@waggle/contracts";
import { laterState, type RoundState } from "./round-state";

/** What one or more records change in a delivery's row; makes the row when there is none. */
export interface DeliveryChange {
  readonly identity: DeliveryIdentity;
  readonly state: RoundState;
  /** Attempts to be added to its count. */
  readonly attempts: number;
}

/** One change per delivery, the same whatever the order given. Of several copies the one accepted first names it. */
export function foldChanges(changes: Iterable<DeliveryChange>): DeliveryChange[] {
  const folded = new Map<string, DeliveryChange>();
  for (const change of changes) {
    const id = change.identity.delivery_id;
    const before = folded.get(id);
    folded.set(id, before ? merged(before, change) : change);
  }
  return [...folded.values()];
}

/**
 * The order in which every transaction locks rows, so that two never wait for each other. It is that of time, in which
 * most of the indexes are written at one place.
 */
export function inLockOrder(changes: readonly DeliveryChange[]): DeliveryChange[] {
  return [...changes].sort(
    ({ identity: a }, { identity: b }) => a.accepted_at - b.accepted_at || (a.delivery_id < b.delivery_id ? -1 : 1),
  );
}

function merged(a: DeliveryChange, b: DeliveryChange): DeliveryChange {
  return {
    identity: b.identity.accepted_at < a.identity.accepted_at ? b.identity : a.identity,
    state: laterState(a.state, b.state),
    attempts: a.attempts + b.attempts,
  };
}
