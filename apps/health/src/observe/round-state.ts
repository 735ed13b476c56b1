import type { DeliveryState } from "@waggle/contracts";
import type { DeliveryStatus } from "@waggle/domain";

/** Where a delivery stands, and what says so. Times in milliseconds since the epoch. */
export interface RoundState extends DeliveryState {
  readonly round: number;
  /** The attempt that led here; 0 before the first, and for an end without one. */
  readonly number: number;
  /** When that was decided. */
  readonly at: number;
}

/** Of two states of one round the one further down stands. The type `delivery_status` has the same order. */
const RANK: Readonly<Record<DeliveryStatus, number>> = { pending: 0, skipped: 1, exhausted: 2, delivered: 3 };

/**
 * Which of two states stands, whatever came first: a total order, so that a history read in any order, and any part of
 * it twice, ends in the same state. A higher round supersedes; within a round `delivered` wins over everything and an
 * end over `pending`; then the later attempt, then the later decision. The rest only makes the order total.
 * Source: architecture, guarantee 5.
 */
export function laterState(a: RoundState, b: RoundState): RoundState {
  const difference =
    a.round - b.round ||
    RANK[a.status] - RANK[b.status] ||
    a.number - b.number ||
    a.at - b.at ||
    compareText(a.reason ?? "", b.reason ?? "") ||
    (a.next_attempt_at ?? Number.NEGATIVE_INFINITY) - (b.next_attempt_at ?? Number.NEGATIVE_INFINITY);
  return difference >= 0 ? a : b;
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
