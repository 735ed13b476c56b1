/** How fast something may be done: `burst` at once, then `perSecond` in the long run. */
export interface RateLimit {
  readonly perSecond: number;
  readonly burst: number;
}

/** What is left to somebody. */
export interface Allowance {
  readonly granted: boolean;
  /** How many more may come at once. */
  readonly remaining: number;
  /** Whole seconds: until one more may come when none is left, else until as many may as ever. */
  readonly resetS: number;
}

/** Sums of fractions of milliseconds are a little off; a token is a token all the same. */
const NEARLY = 1e-6;

/**
 * A token bucket for each name, as the time at which it will be full again (GCRA): nothing has to tick, and a bucket
 * that is full need not be kept. Times are milliseconds of any clock that does not go back.
 */
export class TokenBuckets {
  /** When each is full, least recently used first. */
  private readonly fullAt = new Map<string, number>();
  private readonly refillMs: number;

  constructor(
    readonly limit: RateLimit,
    /** How many names are kept at most; beyond that the least recently used one begins anew. */
    private readonly most: number,
  ) {
    this.refillMs = 1_000 / limit.perSecond;
  }

  /** Takes a token, if there is one. */
  take(name: string, now: number): Allowance {
    const missing = this.missing(name, now);
    if (this.limit.burst - missing < 1 - NEARLY) return this.allowance(false, missing);
    this.fullAt.delete(name);
    this.fullAt.set(name, now + (missing + 1) * this.refillMs);
    this.forget(now);
    return this.allowance(true, missing + 1);
  }

  /** What there is to take. */
  look(name: string, now: number): Allowance {
    const missing = this.missing(name, now);
    return this.allowance(this.limit.burst - missing >= 1 - NEARLY, missing);
  }

  get size(): number {
    return this.fullAt.size;
  }

  private missing(name: string, now: number): number {
    return Math.max(0, ((this.fullAt.get(name) ?? now) - now) / this.refillMs);
  }

  private allowance(granted: boolean, missing: number): Allowance {
    const { burst } = this.limit;
    const awaited = granted ? missing : missing - (burst - 1);
    return {
      granted,
      remaining: Math.max(0, Math.floor(burst - missing + NEARLY)),
      resetS: Math.max(0, Math.ceil((awaited * this.refillMs) / 1_000 - NEARLY)),
    };
  }

  private forget(now: number): void {
    for (const [name, fullAt] of this.fullAt) {
      if (fullAt > now && this.fullAt.size <= this.most) return;
      this.fullAt.delete(name);
    }
  }
}
