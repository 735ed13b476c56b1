import { Cadence, type CadenceOptions } from "./cadence";

export interface FetchRoundsOptions {
  /**
   * How often a broker is asked for records. It answers a waiting request as soon as it has one record; under load that
   * is a request for almost every record, and costs more than all else.
   */
  readonly every: CadenceOptions;
  /** Topics whose records may wait a little: only a request now and then asks for them, as each partition asked for costs. */
  readonly seldom?: { readonly topics: readonly string[]; readonly everyMs: number };
}

/** What one fetch brought of one partition. */
export interface FetchAnswer {
  readonly topic: string;
  readonly records: number;
  /** Whether that is all there is, so far. */
  readonly isAll: boolean;
}

interface Round {
  readonly cadence: Cadence;
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
    /** Milliseconds that a request may wait for its first record. */
    private readonly maxWaitMs: number,
    private readonly now: () => number = Date.now,
  ) {
    this.seldom = new Set(options.seldom?.topics);
  }

  /** Milliseconds until the broker may be asked again. */
  waitMs(broker: string): number {
    return this.roundOf(broker).cadence.waitMs(this.now());
  }

  /** The broker is being asked. */
  begin(broker: string): void {
    const now = this.now();
    const round = this.roundOf(broker);
    round.cadence.begin(now);
    // While a request waits there is no other: one that may wait past the time for all asks for all.
    round.asksForAll = now + this.maxWaitMs - round.askedForAllAt > (this.options.seldom?.everyMs ?? 0);
    if (round.asksForAll) round.askedForAllAt = now;
  }

  /** What the broker answered with, by partition. */
  brought(broker: string, answers: readonly FetchAnswer[]): void {
    const round = this.roundOf(broker);
    // What may wait says nothing of how much is coming that may not: many retries must not slow down what is new.
    const urgent = answers.filter(({ topic }) => !this.seldom.has(topic));
    // What did not fit into this answer is asked for at once: bytes must not bound how much is read in a second.
    if (urgent.some(({ isAll }) => !isAll)) round.cadence.hurry();
    else round.cadence.carried(urgent.reduce((sum, { records }) => sum + records, 0));
    // What did not fit into this answer does not wait for the next time that all are asked for.
    if (answers.some(({ topic, isAll }) => !isAll && this.seldom.has(topic))) round.askedForAllAt = NEVER;
  }

  /** Asks for all topics next: one of those asked for seldom has room again. */
  askForAll(): void {
    for (const round of this.rounds.values()) round.askedForAllAt = NEVER;
  }

  /** Whether the broker is asked for this topic now. */
  asksFor(broker: string, topic: string): boolean {
    return !this.seldom.has(topic) || this.roundOf(broker).asksForAll;
  }

  private roundOf(broker: string): Round {
    const known = this.rounds.get(broker);
    if (known) return known;
    const round = {
      cadence: new Cadence(this.options.every),
      askedForAllAt: NEVER,
      asksForAll: true,
    };
    this.rounds.set(broker, round);
    return round;
  }
}
