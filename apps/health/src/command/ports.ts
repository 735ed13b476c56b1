import type { DeliveryRecord } from "@waggle/contracts";
import type { Dialect, WebhookStatus } from "@waggle/domain";
import type { AuditTrail } from "../manage/audit/audit-entry";
import type { Once } from "../manage/idempotency/once";
import type { LoggedDelivery } from "../observe/logged-delivery";

/** A webhook as a command finds it. */
export interface HeldWebhook {
  readonly id: string;
  readonly tenant_id: string;
  readonly dialect: Dialect;
  readonly status: WebhookStatus;
  readonly version: number;
}

/** A delivery of the log with what a further round of it takes. */
export interface KeptDelivery extends LoggedDelivery {
  /** The body of the POST; null when nothing that is kept says what it is. */
  readonly body: string | null;
  /** Whether a round of it was ever given to a dispatcher. */
  readonly begun: boolean;
}

/** A round to be begun. */
export interface NewRound {
  readonly record: DeliveryRecord;
  /** Whether an older round may still be on its way, and must not go on. */
  readonly supersedes: boolean;
}

/** What a command does in one transaction. A webhook is always held before its deliveries are locked. */
export interface CommandTransaction extends AuditTrail {
  /** The webhook, which nobody changes until the transaction ends; null: there is none. */
  holdWebhook(id: string): Promise<HeldWebhook | null>;
  /** The delivery, which nobody changes until the transaction ends; null: there is none. */
  lockDelivery(id: string): Promise<KeptDelivery | null>;
  /**
   * Logs the rounds as pending, and gives their records to the relay once the transaction is committed. The deliveries
   * are new or locked.
   */
  beginRounds(rounds: readonly NewRound[]): Promise<void>;
}

/** Webhooks and the delivery log, as commands change them. */
export abstract class CommandStore {
  /**
   * Runs `work` in one transaction: all of it happens, or nothing. `once` as in `ManagementStore.change`.
   * @throws WaggleError `database_unavailable`: it may have happened or not
   */
  abstract change<Result>(
    work: (commands: CommandTransaction) => Promise<Result>,
    once?: Once<NonNullable<Result>>,
  ): Promise<Result>;
}

/** Where a delivery is in the log. `accepted_at` in milliseconds since the epoch. */
export type LoggedId = Pick<LoggedDelivery, "delivery_id" | "accepted_at">;

export abstract class DeliveryEnds {
  /**
   * The ids of those that have ended.
   * @throws WaggleError `database_unavailable`
   */
  abstract among(deliveries: readonly LoggedId[]): Promise<ReadonlySet<string>>;
}
