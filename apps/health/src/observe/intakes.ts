import type { EventEntry } from "./event-entry";
import type { MessageEntry } from "./inbound/message-entry";
import type { AttemptEntry, DeliveryEntry } from "./log-entry";
import { LogIntake, type LogIntakeOptions } from "./log-intake";
import { recordAttempts, recordDeliveries } from "./record-entries";

/** What every intake needs. */
export type IntakeOptions = Omit<LogIntakeOptions<never>, "store" | "followUp" | "passedBy" | "settleMs">;

/**
 * Long enough that the first attempt of most deliveries is logged before, and has made the row in its final state:
 * a row made `pending` and changed at once costs twice as much. Short against the 5 s in which the log must know.
 */
const DELIVERIES_SETTLE_MS = 3_000;

/** About a transaction a second when little happens, and still soon for whoever looks. */
const ATTEMPTS_SETTLE_MS = 800;

/** Nobody is told of an event before it is stored, so those of a second go in together. */
const EVENTS_SETTLE_MS = 1_000;

/** Messages are few and large: several in a transaction gain little. */
const MESSAGES_SETTLE_MS = 100;

/** Acts on what attempts mean for their webhooks. Again changes nothing. Both reject with `database_unavailable`. */
export interface Judge {
  /** Of attempts that are in the log. */
  judge(attempts: readonly AttemptEntry[]): Promise<void>;
  /** Of attempts that the log does not take: what each says by itself. */
  judgeEnds(attempts: readonly AttemptEntry[]): Promise<void>;
}

/** What `webhook.deliveries` adds to the log. */
export class DeliveryIntake extends LogIntake<DeliveryEntry> {
  constructor(options: IntakeOptions) {
    super({ ...options, store: recordDeliveries, settleMs: DELIVERIES_SETTLE_MS });
  }
}

/** What `webhook.attempts` adds to the log, and what follows from it. */
export class AttemptIntake extends LogIntake<AttemptEntry> {
  constructor({ judge, ...options }: IntakeOptions & { readonly judge: Judge }) {
    super({
      ...options,
      store: recordAttempts,
      followUp: (stored) => judge.judge(stored),
      passedBy: (others) => judge.judgeEnds(others),
      settleMs: ATTEMPTS_SETTLE_MS,
    });
  }
}

/** What `email.events` adds to the log. */
export class EventIntake extends LogIntake<EventEntry> {
  constructor(options: IntakeOptions) {
    super({ ...options, store: (log, entries) => log.insertEvents(entries), settleMs: EVENTS_SETTLE_MS });
  }
}

/** What `email.inbound` adds to the log, once its blobs are kept. */
export class MessageIntake extends LogIntake<MessageEntry> {
  constructor(options: IntakeOptions) {
    super({
      ...options,
      store: async (log, entries) => {
        await log.insertMessages(entries);
        await log.insertEvents(entries);
      },
      settleMs: MESSAGES_SETTLE_MS,
    });
  }
}
