export interface FetchRoundsOptions {
  /**
   * Milliseconds from one request for records to the next, at least. A broker answers a waiting request as soon as it
   * has one record; under load that is a request for almost every record, and costs more than all else.
   */
  readonly everyMs: number;
  /** Topics whose records may wait a little: only a request now and then asks for them, as each partition asked for costs. */
  readonly seldom?: { readonly topics: readonly string[]; readonly everyMs: number };
}

interface Round {
  startedAt: number;
  /** When the topics that are seldom asked for were. */
  askedForAllAt: number;
  asksForAll: boolean;
}

const NEVER = Number.NEGATIVE_INFINITY;

/** When one consumer asks a broker for records, and for which of its topics. Each broker is asked by itself. */
export class FetchRounds {
  private readonly rounds = new Map<string, Round>();
  private readonly seldom: ReadonlySet<string>;

  constructor(
    private readonly options: FetchRoundsOptions,
    private readonly now: () => number = Date.now,
  ) {
    this.seldom = new Set(options.seldom?.topics);
  }

  /** Milliseconds until the broker may be asked again. */
  waitMs(broker: string): number {
    return Math.max(0, (this.rounds.get(broker)?.startedAt ?? NEVER) + this.options.everyMs - this.now());
  }

  /** The broker is being asked. */
  begin(broker: string): void {
    const now = this.now();
    const round = this.rounds.get(broker) ?? { startedAt: NEVER, askedForAllAt: NEVER, asksForAll: false };
    round.asksForAll = now - round.askedForAllAt >= (this.options.seldom?.everyMs ?? 0);
    round.startedAt = now;
    if (round.asksForAll) round.askedForAllAt = now;
    this.rounds.set(broker, round);
  }

  /** Whether the broker is asked for this topic now. */
  asksFor(broker: string, topic: string): boolean {
    return !this.seldom.has(topic) || (this.rounds.get(broker)?.asksForAll ?? true);
  }
}
