import type { DeliveryIdentity, DeliveryState, HttpTry } from "@waggle/contracts";

/** A delivery as the log has it. Times in milliseconds since the epoch. */
export interface LoggedDelivery extends DeliveryIdentity, DeliveryState {
  readonly round: number;
  /** Tries of all rounds. */
  readonly attempt_count: number;
}

export interface LoggedAttempt extends HttpTry {
  readonly round: number;
  readonly next_attempt_at: number | null;
}

export interface LoggedDeliveryDetail extends LoggedDelivery {
  /** Null while only attempts are known: a skip has no body. */
  readonly body: string | null;
  /** By round, then number. */
  readonly attempts: readonly LoggedAttempt[];
}
