const WINDOW_S = 10;
const SLOWEST_PER_S = 0.5;
/** Beyond this a receiver's own limit no longer matters. */
const UNLIMITED_PER_S = 500;
/** What is left of the rate after a refusal, and how far above what the receiver took a rate is taken for a guess. */
const STEP_DOWN = 0.9;
const GUESSED = 1.5;
/** How much faster per second of success: cautiously up to the last refusal's rate, boldly after a calm while. */
const GROWTH_PER_S = { cautious: 0.01, bold: 0.2 } as const;
const CALM_MS = 15_000;
/** A pause between successes says nothing about what the receiver would have taken in it. Seconds. */
const LONGEST_STEP_S = 2;

/**
 * How many attempts per second one webhook gets: its own `max_per_second`, and – once it answered 429 or 503 – about
 * what it was seen to take. Without this a receiver that refuses quickly would use up every delivery's attempts.
 */
export class Pace {
  private learned = Number.POSITIVE_INFINITY;
  private nextAt = 0;
  private grownAt = 0;
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
    this.grow(now);
  }

  /** The receiver said 429 or 503. Counted once a second: what was in flight together says one thing. */
  refused(now: number): void {
    if (now - this.lastRefusal < 1_000) return;
    this.lastRefusal = now;
    this.grownAt = now;
    const taken = this.taken(now);
    const isGuess = this.learned > taken * GUESSED;
    this.learned = Math.max(SLOWEST_PER_S, STEP_DOWN * (isGuess ? taken : this.learned));
  }

  /** Forgets what was learned: the receiver may be another one. */
  restart(): void {
    this.learned = Number.POSITIVE_INFINITY;
    this.successes.length = 0;
  }

  private grow(now: number): void {
    if (this.learned === Number.POSITIVE_INFINITY) return;
    const elapsedS = Math.min((now - this.grownAt) / 1_000, LONGEST_STEP_S);
    const growth = now - this.lastRefusal > CALM_MS ? GROWTH_PER_S.bold : GROWTH_PER_S.cautious;
    this.grownAt = now;
    this.learned *= 1 + growth * elapsedS;
    if (this.learned > UNLIMITED_PER_S) this.learned = Number.POSITIVE_INFINITY;
  }

  /** What the receiver took per second of late. */
  private taken(now: number): number {
    const from = Math.floor(now / 1_000) - WINDOW_S;
    const seen = this.successes.filter(({ second }) => second > from);
    const span = Math.max(1, now / 1_000 - (seen[0]?.second ?? now / 1_000));
    return seen.reduce((sum, { count }) => sum + count, 0) / span;
  }
}
