import { WaggleError } from "@waggle/domain";
import type { ObserveLogger } from "./observe-logger";
import type { DeliveryLog } from "./ports";

const DAY_MS = 86_400_000;

/** Days made ahead of their first record, today not counted: a store that is away over a weekend still has room. */
const DAYS_AHEAD = 3;

/** Late records are many only from yesterday; room for older days is made when one comes. */
const DAYS_BACK = 1;

/** What a round can last at most: 30 delays of 6 h, and 24 h for waiting. Source: contract §3. */
const LIFETIME_DAYS = 9;

/** Rates go back seven days, whatever retention says. */
const DAYS_OF_STATISTICS = 8;

/** Often enough that a day that could not be made or dropped is, long before anybody misses it. */
const SWEEP_EVERY_MS = 600_000;

/** The day of a time (milliseconds since the epoch), counted from 1970-01-01, UTC. */
export function dayOf(ms: number): number {
  return Math.floor(ms / DAY_MS);
}

/** How long what is accepted is shown. */
export interface Retention {
  readonly now: () => number;
  readonly retentionDays: number;
}

/** When the oldest deliveries that are still shown were accepted, in milliseconds since the epoch: whole days. */
export function shownSince({ now, retentionDays }: Retention): number {
  return (dayOf(now()) - retentionDays) * DAY_MS;
}

/**
 * What the log takes at a time: whole days, both ends included. It goes further back than what is shown, or what still
 * comes of the last deliveries shown, and of a round that was just begun for one, would be neither stored nor counted.
 */
export function loggedDays(now: number, retentionDays: number): { readonly first: number; readonly last: number } {
  return { first: dayOf(now) - retentionDays - LIFETIME_DAYS, last: dayOf(now) + DAYS_AHEAD };
}

/** Keeps room in the log for the days that records come from, and drops what has been kept for long enough. */
export class LogDays {
  private readonly made = new Set<number>();
  private timer: NodeJS.Timeout | null = null;

  constructor(
    private readonly options: {
      readonly log: DeliveryLog;
      readonly retentionDays: number;
      readonly now: () => number;
      readonly logger: ObserveLogger;
    },
  ) {}

  /** Sweeps now and then; never rejects, since records are taken without it too. */
  async start(): Promise<void> {
    this.timer = setInterval(() => void this.sweep(), SWEEP_EVERY_MS);
    this.timer.unref();
    await this.sweep();
  }

  stop(): void {
    if (this.timer) clearInterval(this.timer);
  }

  /** Records of days before are acknowledged and not stored, of days after it nobody can have accepted one. */
  get window(): { readonly first: number; readonly last: number } {
    return loggedDays(this.options.now(), this.options.retentionDays);
  }

  /** Rejects as the store does. */
  async make(days: Iterable<number>): Promise<void> {
    const missing = [...new Set(days)].filter((day) => !this.made.has(day)).sort((a, b) => a - b);
    if (missing.length === 0) return;
    await this.options.log.makeDays(missing);
    for (const day of missing) this.made.add(day);
  }

  /** Looks again what is there: another process may have dropped a day that this one made. */
  forget(): void {
    this.made.clear();
  }

  private async sweep(): Promise<void> {
    const { log, logger, now } = this.options;
    const today = dayOf(now());
    try {
      await this.make(Array.from({ length: DAYS_BACK + 1 + DAYS_AHEAD }, (_, index) => today - DAYS_BACK + index));
      const dropped = await log.dropDaysBefore(this.window.first);
      for (const day of dropped) this.made.delete(day);
      if (dropped.length > 0) logger.info({ days: dropped.map(dateOf) }, "log.days_dropped");
      await log.dropStatisticsBefore(now() - DAYS_OF_STATISTICS * DAY_MS);
    } catch (error) {
      logger.warn({ code: error instanceof WaggleError ? error.code : "internal_error" }, "log.sweep_failed");
    }
  }
}

function dateOf(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}
