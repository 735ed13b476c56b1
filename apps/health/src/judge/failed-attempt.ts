/** A failed attempt, for people to see what is wrong. */
export interface FailedAttempt {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly status_code: number | null;
  /** One of the error codes of attempts. */
  readonly error: string;
}
