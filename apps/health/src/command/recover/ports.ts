import type { Once } from "../../manage/idempotency/once";
import type { CommandTransaction, KeptDelivery } from "../ports";
import type { Recovery, RecoverySelection } from "./recovery";

/** A place in a recovery, which runs from the oldest delivery to the newest. */
export interface RecoveryPosition {
  readonly accepted_at: number;
  readonly delivery_id: string;
}

/** A recovery and the last delivery it looked at; null: none yet. */
export interface RecoveryProgress {
  readonly recovery: Recovery;
  readonly position: RecoveryPosition | null;
}

/** Some of what a recovery is about. */
export interface SelectedPage {
  readonly deliveries: readonly KeptDelivery[];
  /** Whether there may be others behind them. */
  readonly hasMore: boolean;
}

/** Recoveries in one transaction. A webhook is always held before its recovery is locked, and that before deliveries. */
export interface RecoveryTransaction extends CommandTransaction {
  /** How many deliveries a recovery would find, at most `most`; tests are none of them. */
  countSelected(selection: RecoverySelection, most: number): Promise<number>;
  /**
   * The oldest of those after a place, at most `limit`, and as many as have bodies of `maxBytes` together, but at least
   * one; nobody changes them until the transaction ends.
   */
  lockSelected(
    selection: RecoverySelection,
    page: { readonly after: RecoveryPosition | null; readonly limit: number; readonly maxBytes: number },
  ): Promise<SelectedPage>;
  /** How many of a webhook's deliveries are due at a time (milliseconds since the epoch) and wait, at most `most`. */
  countWaiting(webhookId: string, at: number, most: number): Promise<number>;

  createRecovery(recovery: Recovery): Promise<void>;
  /** The recovery, which nobody changes until the transaction ends; null: there is none. */
  lockRecovery(id: string): Promise<Recovery | null>;
  /** The same, but null also for one that others work on, and for one that has ended. */
  takeRecovery(id: string): Promise<RecoveryProgress | null>;
  /** Whether a webhook was disabled after a time (milliseconds since the epoch), whatever it is now. */
  wasDisabledSince(webhookId: string, time: number): Promise<boolean>;
  putRecovery(progress: RecoveryProgress): Promise<void>;
  /** Ends a recovery where it stands. */
  endRecovery(recovery: Recovery): Promise<void>;
}

export abstract class RecoveryStore {
  /**
   * Runs `work` in one transaction: all of it happens, or nothing. `once` as in `ManagementStore.change`.
   * @throws WaggleError `database_unavailable`: it may have happened or not
   */
  abstract change<Result>(
    work: (commands: RecoveryTransaction) => Promise<Result>,
    once?: Once<NonNullable<Result>>,
  ): Promise<Result>;

  /** @throws WaggleError `database_unavailable` */
  abstract recovery(id: string): Promise<Recovery | null>;

  /**
   * Those that have not ended, oldest first.
   * @throws WaggleError `database_unavailable`
   */
  abstract running(): Promise<readonly RunningRecovery[]>;
}

export type RunningRecovery = Pick<Recovery, "id" | "webhook_id" | "created_at">;

/** How far the log is complete. */
export abstract class LogProgress {
  /**
   * The time up to which all that happened is in the log – attempts, deliveries and events – in milliseconds since the
   * epoch; null: not known yet.
   * @throws WaggleError `kafka_unavailable`
   */
  abstract completeThrough(): Promise<number | null>;
}
