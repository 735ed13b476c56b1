const WINDOW_S = 10;
const SLOWEST_PER_S = 0.5;
/** Beyond this a receiver's own limit no longer matters. */
const UNLIMITED_PER_S = 500;
const STEP_UP = 1.02;
const STEP_DOWN = 0.9;

/**
 * How many attempts per second one webhook gets: its own `max_per_second`, and – once it answered 429 or 503 – about
 * what it was seen to take. Without this a receiver that refuses quickly would use up every delivery's attempts.
 */
export class Pace {
  private learned = Number.POSITIVE_INFINITY;
  private nextAt = 0;
  private lastRefusal = Number.NEGATIVE_INFINITY;
  private readonly successes: { second: number; count: number }[] = [];

  /** Attempts per second allowed now; infinite when nothing limits them. */
  perSecond(most: number | null): number {
    return Math.min(most ?? Number.POSITIVE_INFINITY, this.learned);
  }

  /** Milliseconds until the next attempt may start, 0 when it may now. */
  waitMs(now: number): number {
    return Math.max(0, this.nextAt - now);
  }

  /** An attempt starts. Spaces attempts evenly, with a tenth of a second of credit for a timer that fired late. */
  started(most: number | null, now: number): void {
    const rate = this.perSecond(most);
    if (rate === Number.POSITIVE_INFINITY) return;
    this.nextAt = Math.max(this.nextAt, now - 100) + 1_000 / rate;
  }

  delivered(now: number): void {
    const second = Math.floor(now / 1_000);
    const last = this.successes.at(-1);
    if (last?.second === second) last.count += 1;
    else this.successes.push({ second, count: 1 });
    while ((this.successes[0]?.second ?? second) <= second - WINDOW_S) this.successes.shift();
    this.learned *= STEP_UP;
    if (this.learned > UNLIMITED_PER_S) this.learned = Number.POSITIVE_INFINITY;
  }

  /** The receiver said 429 or 503. Counted once a second: what was in flight together says one thing. */
  refused(now: number): void {
    if (now - this.lastRefusal < 1_000) return;
    this.lastRefusal = now;
    const from = Math.floor(now / 1_000) - WINDOW_S;
    const seen = this.successes.filter(({ second }) => second > from);
    const span = Math.max(1, now / 1_000 - (seen[0]?.second ?? now / 1_000));
    const taken = seen.reduce((sum, { count }) => sum + count, 0) / span;
    this.learned = Math.max(SLOWEST_PER_S, STEP_DOWN * Math.min(this.learned, taken));
  }
}
