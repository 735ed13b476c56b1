/** What counts as of late. */
const WINDOW_S = 5;
const SLOWEST_PER_S = 0.5;
/** Beyond this a receiver's own limit no longer matters. */
const UNLIMITED_PER_S = 500;
/** The share of answers that may be refusals. */
const TOLERATED_SHARE = 0.03;
/** Receivers that are merely unreliable answer 503 too: it is about the rate when more than half of the answers are. */
const WEIGHT = { 429: 1, 503: 0.06 } as const;
/** What is left of the rate when more is refused, and how far above what the receiver took a rate is taken for a guess. */
const STEP_DOWN = 0.9;
const GUESSED = 2;
/** How much faster per second of success: cautiously back to where it was refused, boldly after a calm while. */
const GROWTH_PER_S = { cautious: 0.01, bold: 0.1 } as const;
const CALM_MS = 20_000;
/** A pause between successes says nothing about what the receiver would have taken in it. Seconds. */
const LONGEST_STEP_S = 2;

interface Second {
  readonly second: number;
  delivered: number;
  /** The weight of the refusals that were not acted upon yet. */
  refused: number;
}

/**
 * How many attempts per second one webhook gets: its own `max_per_second`, and – once it answered 429 or 503 – about
 * what it was seen to take. Without this a receiver that refuses quickly would use up every delivery's attempts.
 */
export class Pace {
  private learned = Number.POSITIVE_INFINITY;
  private nextAt = 0;
  private grownAt = 0;
  private steppedAt = Number.NEGATIVE_INFINITY;
  private seconds: Second[] = [];

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
    this.present(now).delivered += 1;
    if (this.learned === Number.POSITIVE_INFINITY) return;
    const growth = now - this.steppedAt > CALM_MS ? GROWTH_PER_S.bold : GROWTH_PER_S.cautious;
    this.learned *= 1 + growth * Math.min((now - this.grownAt) / 1_000, LONGEST_STEP_S);
    this.grownAt = now;
    if (this.learned > UNLIMITED_PER_S) this.learned = Number.POSITIVE_INFINITY;
  }

  /** The receiver asked for less. Acted upon once a second: what was in flight together says one thing. */
  refused(status: keyof typeof WEIGHT, now: number): void {
    this.present(now).refused += WEIGHT[status];
    this.grownAt = now;
    const delivered = this.seconds.reduce((sum, second) => sum + second.delivered, 0);
    const refused = this.seconds.reduce((sum, second) => sum + second.refused, 0);
    const isTolerable = refused < 1 || refused <= TOLERATED_SHARE * delivered;
    if (isTolerable || now - this.steppedAt < 1_000) return;
    const taken = delivered / Math.max(1, now / 1_000 - (this.seconds[0]?.second ?? 0));
    const isGuess = this.learned > taken * GUESSED;
    this.learned = Math.max(SLOWEST_PER_S, STEP_DOWN * (isGuess ? taken : this.learned));
    this.steppedAt = now;
    for (const second of this.seconds) second.refused = 0;
  }

  /** Forgets what was learned: the receiver may be another one. */
  restart(): void {
    this.learned = Number.POSITIVE_INFINITY;
    this.seconds = [];
  }

  /** The second that is now; those beyond the window are forgotten. */
  private present(now: number): Second {
    const second = Math.floor(now / 1_000);
    while ((this.seconds[0]?.second ?? second) <= second - WINDOW_S) this.seconds.shift();
    const last = this.seconds.at(-1);
    if (last?.second === second) return last;
    const present = { second, delivered: 0, refused: 0 };
    this.seconds.push(present);
    return present;
  }
}
