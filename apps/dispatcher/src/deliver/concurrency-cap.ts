const START = 2;
const MOST = 64;
/** Answers up to this fast on average are never taken as a sign of overload: a busy machine of ours looks like that too. */
const ALWAYS_FINE_MS = 250;
/** How much slower than its best a receiver may answer while we still send it more at once. */
const TOLERATED_SLOWDOWN = 2;
/** The best answer is forgotten by this much with every answer, so that a receiver may become slower for good. */
const FORGET = 1.0001;
/** Weight of the newest answer in the average, so that one slow answer decides nothing. */
const NEWEST = 0.2;
/** What is left of the limit after each answer that shows that more at once only makes every answer later. */
const EASE_OFF = 0.97;

/**
 * How many attempts one webhook may have in flight: additive increase while it answers about as fast as at its best,
 * halved when it shows that it is overloaded. Starts at 2 and doubles until the first sign of overload.
 */
export class ConcurrencyCap {
  private cap = START;
  private rampingUp = true;
  private bestMs = Number.POSITIVE_INFINITY;
  private averageMs: number | null = null;
  private halvedAt = Number.NEGATIVE_INFINITY;

  /** Attempts that may be in flight now. `most` is the webhook's own bound, null when it has none. */
  limit(most: number | null): number {
    return Math.max(1, Math.min(Math.floor(this.cap), most ?? MOST, MOST));
  }

  /** What the limit may become soon: while it still doubles, a burst is not judged by where it stands. */
  expected(most: number | null): number {
    return Math.max(1, Math.min(this.rampingUp ? MOST : this.cap, most ?? MOST));
  }

  /** The fastest answer of late, in milliseconds; null before there was one. */
  get best(): number | null {
    return Number.isFinite(this.bestMs) ? this.bestMs : null;
  }

  /** An attempt was answered. `wasLimiting`: the limit was reached while it ran, so raising it means something. */
  answered(durationMs: number, wasLimiting: boolean): void {
    this.bestMs = Math.min(this.bestMs * FORGET, durationMs);
    this.averageMs = (this.averageMs ?? durationMs) * (1 - NEWEST) + durationMs * NEWEST;
    if (!wasLimiting) return;
    if (this.averageMs > Math.max(ALWAYS_FINE_MS, this.bestMs * TOLERATED_SLOWDOWN)) {
      this.rampingUp = false;
      this.cap = Math.max(START, this.cap * EASE_OFF);
      return;
    }
    this.cap = Math.min(MOST, this.cap + (this.rampingUp ? 1 : 1 / this.cap));
  }

  /** A timeout, 429 or 503 of an attempt that started at `startedAt`. Attempts sent before the last halving are old news. */
  overloaded(startedAt: number, now: number): void {
    this.rampingUp = false;
    if (startedAt < this.halvedAt) return;
    this.halvedAt = now;
    this.cap = Math.max(1, this.cap / 2);
  }

  /** Begins again at the start, as for a receiver that has just recovered. */
  restart(): void {
    this.cap = START;
    this.rampingUp = true;
    this.averageMs = null;
  }
}
