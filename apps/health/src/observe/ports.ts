import type { DecodeError, DeliveryIdentity, ReceivedRecord } from "@waggle/contracts";
import type { DeliveryStatus, EventType } from "@waggle/domain";
import type { EventEntry } from "./event-entry";
import type { DeliveryChange } from "./fold";
import type { MessageEntry } from "./inbound/message-entry";
import type { AttemptEntry } from "./log-entry";
import type { LoggedDelivery, LoggedDeliveryDetail } from "./logged-delivery";
import type { WebhookMinute } from "./statistics/webhook-minutes";
import type { WebhookStateChange } from "./statistics/webhook-state";

/** The tables of the log as one transaction sees them. Calls follow one another; rows are locked in the order given. */
export interface LogTransaction {
  /** Stores tries beside the rows of their deliveries; resolves to the ids of those that were not there already. */
  insertAttempts(entries: readonly AttemptEntry[]): Promise<ReadonlySet<string>>;

  /**
   * The `accepted_at` under which deliveries of publishers' own ids have their row, by id: their own, unless a copy was
   * logged before. One identity per delivery. Who logs another copy meanwhile waits until this transaction ends.
   */
  claimRows(identities: readonly DeliveryIdentity[]): Promise<ReadonlyMap<string, number>>;

  /** Merges each change into its delivery's row, or makes the row. One change per delivery. */
  mergeDeliveries(changes: readonly DeliveryChange[]): Promise<void>;

  /** Stores bodies that are not there yet; the first one stays. */
  insertBodies(bodies: readonly DeliveryBody[]): Promise<void>;

  /** Adds to what is counted of webhooks by the minute. */
  addMinutes(minutes: readonly WebhookMinute[]): Promise<void>;

  /** Merges into what is known of webhooks what attempts say that this transaction has stored. */
  mergeStates(changes: readonly WebhookStateChange[]): Promise<void>;

  /** Stores events that are not there yet: copies of one id by when they were accepted. */
  insertEvents(entries: readonly EventEntry[]): Promise<void>;

  /** Stores messages that are not there yet. */
  insertMessages(entries: readonly MessageEntry[]): Promise<void>;
}

export interface DeliveryBody {
  readonly delivery_id: string;
  readonly accepted_at: number;
  readonly body: string;
}

/** Where deliveries and attempts are kept. Days are counted from 1970-01-01, UTC. */
export abstract class DeliveryLog {
  /**
   * Runs `work` in one transaction: all of it happens, or nothing. Attempt rows are counted once it is committed.
   * @throws WaggleError `unstorable` when what was to be stored is refused for what it is, and would be again;
   *   `store_too_slow` when it took too long; with any other code the store could not do it now. Unless it was refused
   *   it may have happened or not
   */
  abstract transaction(work: (log: LogTransaction) => Promise<void>): Promise<void>;

  /**
   * Makes room for days; those that have it stay as they are.
   * @throws WaggleError as `transaction`
   */
  abstract makeDays(days: readonly number[]): Promise<void>;

  /**
   * Drops everything of the days before `day`; resolves to the days that went. Those in use stay for the next time.
   * @throws WaggleError as `transaction`
   */
  abstract dropDaysBefore(day: number): Promise<readonly number[]>;

  /**
   * Forgets what was counted by the minute before `time` (milliseconds since the epoch), and where webhooks stood that
   * are deleted and were sent nothing since.
   * @throws WaggleError as `transaction`
   */
  abstract dropStatisticsBefore(time: number): Promise<void>;
}

/** Where records go that nobody can decode or store. */
export abstract class DeadLetters {
  /** Resolves when the record is kept, or was found too large to be; rejects when neither is known. */
  abstract put(record: ReceivedRecord, error: DecodeError): Promise<void>;
}

/** What a list of deliveries is narrowed by; null: not by this. Times in milliseconds since the epoch. */
export interface DeliveryFilter {
  readonly tenant_id: string;
  readonly webhook_id: string | null;
  readonly status: DeliveryStatus | null;
  readonly event_type: EventType | null;
  readonly event_id: string | null;
  readonly email_id: string | null;
  readonly recipient: string | null;
  readonly tag: string | null;
  /** Accepted at or after this. */
  readonly since: number | null;
  /** Accepted before this. */
  readonly until: number | null;
}

/** A place in the list of deliveries, which runs from the newest to the oldest. */
export interface DeliveryPosition {
  readonly accepted_at: number;
  readonly delivery_id: string;
}

/** The log as people read it. */
export abstract class DeliveryReader {
  /**
   * The newest deliveries after `after` (null: from the start), at most `limit`.
   * @throws WaggleError `database_unavailable`
   */
  abstract list(
    filter: DeliveryFilter,
    page: { readonly after: DeliveryPosition | null; readonly limit: number },
  ): Promise<readonly LoggedDelivery[]>;

  /**
   * One delivery with its attempts, oldest first; null when there is none of this id, or it is not the tenant's.
   * `tenantId` null: of any tenant.
   * @throws WaggleError `database_unavailable`
   */
  abstract one(deliveryId: string, tenantId: string | null): Promise<LoggedDeliveryDetail | null>;
}
