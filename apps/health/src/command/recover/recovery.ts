import type { CANCEL_REASONS, RECOVERABLE, RECOVERY_STATUSES } from "@waggle/contracts";

export type RecoverableStatus = (typeof RECOVERABLE)[number];

export type RecoveryStatus = (typeof RECOVERY_STATUSES)[number];

export type CancelReason = (typeof CANCEL_REASONS)[number];

/** Which of a webhook's deliveries are recovered. Times of acceptance, in milliseconds since the epoch. */
export interface RecoverySelection {
  readonly tenant_id: string;
  readonly webhook_id: string;
  /** Included. */
  readonly since: number;
  /** Not included. */
  readonly until: number;
  readonly statuses: readonly RecoverableStatus[];
}

/** A job that begins a new round of each of them. */
export interface Recovery extends RecoverySelection {
  readonly id: string;
  readonly status: RecoveryStatus;
  /** Why it was cancelled, else null. */
  readonly reason: CancelReason | null;
  /** How many there were when it began. */
  readonly matched: number;
  /** How many have a new round. */
  readonly requeued: number;
  /** How many were passed over because neither their body nor their event is kept. */
  readonly unrecoverable: number;
  readonly created_at: number;
  readonly finished_at: number | null;
}

/**
 * Routers and dispatchers know of an enable within 5 s (contract §4), and skip until they do. Everything that was to be
 * recovered at a time is decided this much later, and has to be in the log before a recovery looks.
 */
const ENABLE_KNOWN_MS = 6_000;

/** From when on nobody skips any more what a recovery that was begun at a time is about. Milliseconds since the epoch. */
export function decidedFrom(createdAt: number): number {
  return createdAt + ENABLE_KNOWN_MS;
}

/** The recovery as it is once cancelled; one that has ended stays as it is. */
export function cancelled(recovery: Recovery, reason: CancelReason, now: number): Recovery {
  if (recovery.status !== "running") return recovery;
  return { ...recovery, status: "cancelled", reason, finished_at: now };
}
