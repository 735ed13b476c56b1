import type { AttemptError } from "@waggle/domain";

/** A failed attempt, for people to see what is wrong. */
export interface FailedAttempt {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly status_code: number | null;
  readonly error: AttemptError;
}
