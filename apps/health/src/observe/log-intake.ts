import { DecodeError, type ReceivedRecord } from "@waggle/contracts";
import { WaggleError } from "@waggle/domain";
import { Gatherer } from "./gatherer";
import { dayOf, type LogDays } from "./log-days";
import type { ObserveLogger } from "./observe-logger";
import type { DeadLetters, DeliveryLog, LogTransaction } from "./ports";

/** A record in work, whatever brought it. */
export interface TakenRecord extends ReceivedRecord {
  readonly bytes: number;
  /** False once somebody else has it. */
  readonly owned: boolean;
  /** Its effects are stored. */
  done(): void;
}

/** What one record adds to the log. */
export interface LogItem<Entry> {
  readonly record: TakenRecord;
  readonly entry: Entry;
}

export interface LogIntakeOptions<Entry> {
  readonly log: DeliveryLog;
  readonly days: LogDays;
  readonly deadLetters: DeadLetters;
  readonly logger: ObserveLogger;
  readonly now: () => number;
  readonly store: (log: LogTransaction, entries: readonly Entry[]) => Promise<void>;
  /** What follows from entries that are stored. None is done before it; when it fails, all of it is tried again. */
  readonly followUp?: (entries: readonly Entry[]) => Promise<void>;
  /** What follows from entries that are of no day that the log takes; when it fails, it is tried again. */
  readonly passedBy?: (entries: readonly Entry[]) => Promise<void>;
  /** Milliseconds a record waits for others. */
  readonly settleMs: number;
}

const BATCH = { records: 1_000, bytes: 8_388_608 } as const;

/** A server that hangs looks the same at first: fewer records would only make it slower to catch up. */
const SLOW_TRIES = 3;

const BACKOFF_MS = { first: 100, most: 5_000 } as const;

/**
 * Stores records in batches until they are stored. While the store is away or hangs, everything is held and tried
 * again for ever; a record that the store refuses for what it is goes to the dead letters, and holds up nobody.
 */
export class LogIntake<Entry extends { readonly identity: { readonly accepted_at: number } }> {
  private readonly gatherer: Gatherer<LogItem<Entry> & { readonly bytes: number }>;
  private readonly stopped = new AbortController();

  constructor(private readonly options: LogIntakeOptions<Entry>) {
    this.gatherer = new Gatherer({
      limits: BATCH,
      settleMs: options.settleMs,
      now: options.now,
      write: (batch) => this.write(batch),
    });
  }

  /** Takes records over and returns at once; each is `done()` when it is stored. */
  take(items: readonly LogItem<Entry>[]): void {
    this.gatherer.add(items.map((item) => ({ ...item, bytes: item.record.bytes })));
  }

  /**
   * Stores what is held, and resolves within `limitMs` also when the store hangs. What is not stored by then is given
   * up, not done: whoever comes next has it.
   */
  async drain(limitMs: number): Promise<void> {
    let limit: NodeJS.Timeout | undefined;
    const givenUp = new Promise<void>((resolve) => {
      limit = setTimeout(() => {
        this.stopped.abort();
        resolve();
      }, limitMs);
    });
    await Promise.race([this.gatherer.drain(), givenUp]);
    clearTimeout(limit);
  }

  private async write(batch: readonly LogItem<Entry>[]): Promise<void> {
    const { window } = this.options.days;
    const owned = batch.filter(({ record }) => record.owned);
    const kept = owned.filter(({ entry }) => isWithin(window, entry));
    const others = owned.filter(({ entry }) => !isWithin(window, entry));
    await this.store(kept);
    await this.passBy(others, window);
  }

  /** What the log does not take may still have to be acted on. */
  private async passBy(items: readonly LogItem<Entry>[], window: LogDays["window"]): Promise<void> {
    if (items.length === 0) return;
    const { passedBy } = this.options;
    const entries = items.map(({ entry }) => entry);
    await this.untilAnswered(items.length, async () => passedBy?.(entries));
    if (this.stopped.signal.aborted) return;
    for (const item of items) {
      if (dayOf(item.entry.identity.accepted_at) > window.last) await this.refuse(item, "accepted_at");
      else item.record.done();
    }
  }

  private async store(items: readonly LogItem<Entry>[]): Promise<void> {
    const [only] = items;
    if (!only) return;
    const { log, days, store, followUp } = this.options;
    const entries = items.map(({ entry }) => entry);
    const answer = await this.untilAnswered(items.length, async () => {
      await days.make(entries.map(({ identity }) => dayOf(identity.accepted_at)));
      await log.transaction((transaction) => store(transaction, entries));
      await followUp?.(entries);
    });
    if (answer === "given_up") return;
    if (answer === "done") {
      for (const { record } of items) record.done();
      return;
    }
    if (items.length === 1) return this.refuse(only, "value");
    const half = Math.ceil(items.length / 2);
    await this.store(items.slice(0, half));
    await this.store(items.slice(half));
  }

  /** Tries until it is done, this process ends, or it is better tried with fewer records. */
  private async untilAnswered(records: number, work: () => Promise<void>): Promise<"done" | "given_up" | "too_much"> {
    const { days, logger } = this.options;
    let slow = 0;
    for (let failures = 0; !this.stopped.signal.aborted; failures++) {
      try {
        await work();
        return "done";
      } catch (error) {
        days.forget();
        // Never the error itself: a database driver's holds what was to be stored.
        const { code, detail } = error instanceof WaggleError ? error : { code: "internal_error", detail: "" };
        logger.warn({ code, detail, records, failures }, "log.batch_failed");
        if (code === "unstorable") return "too_much";
        slow = code === "store_too_slow" ? slow + 1 : 0;
        if (slow >= SLOW_TRIES && records > 1) return "too_much";
        await this.pause(Math.min(BACKOFF_MS.first * 2 ** failures, BACKOFF_MS.most));
      }
    }
    return "given_up";
  }

  private async refuse({ record }: LogItem<Entry>, field: string): Promise<void> {
    const { deadLetters, logger } = this.options;
    try {
      await deadLetters.put(record, new DecodeError("unprocessable", field));
      record.done();
    } catch (error) {
      // Only a producer that is closed gives up, and then this process is ending: the record stays for the next one.
      const { topic, partition, offset } = record;
      logger.warn({ err: error, topic, partition, offset }, "log.dead_letter_failed");
    }
  }

  private pause(ms: number): Promise<void> {
    const { signal } = this.stopped;
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      signal.addEventListener("abort", end);
      if (signal.aborted) end();
    });
  }
}

function isWithin(window: LogDays["window"], entry: { readonly identity: { readonly accepted_at: number } }): boolean {
  const day = dayOf(entry.identity.accepted_at);
  return day >= window.first && day <= window.last;
}
