import type { ReceivedRequest, Receiver } from "@waggle/testing";

/** A dispatcher writes outcomes within 0.2 s and commits every second; this allows for a machine that is busy. */
const COMMITTED_WITHIN_MS = 4_000;

/** What came to a receiver under one path, by delivery and attempt. */
export class Receipts {
  /** How often each attempt came, by `<delivery id> <attempt number>`. */
  private readonly steps = new Map<string, number>();
  private readonly ids = new Set<string>();
  private seen = 0;

  constructor(
    private readonly receiver: Receiver,
    private readonly path: string,
  ) {}

  /** How often each attempt came, by `<delivery id> <attempt number>`. */
  get attempts(): ReadonlyMap<string, number> {
    this.read();
    return this.steps;
  }

  /** How many different deliveries came. */
  get deliveries(): number {
    this.read();
    return this.ids.size;
  }

  /** The attempts that came again, by their delivery: one number for each time too many. */
  get repeated(): ReadonlyMap<string, readonly number[]> {
    const repeated = new Map<string, number[]>();
    for (const [step, count] of this.attempts) {
      const [id = "", number] = step.split(" ");
      const again = Array.from({ length: count - 1 }, () => Number(number));
      if (again.length > 0) repeated.set(id, [...(repeated.get(id) ?? []), ...again]);
    }
    return repeated;
  }

  /** The deliveries of which more than one attempt came again: one that is repeated is not to repeat what follows it. */
  get forked(): string[] {
    return [...this.repeated].filter(([, numbers]) => new Set(numbers).size > 1).map(([id]) => id);
  }

  /** How many requests were one too many. */
  get duplicates(): number {
    return [...this.repeated.values()].reduce((sum, again) => sum + again.length, 0);
  }

  /**
   * How many requests were not answered at a moment, or so shortly before that their outcome may not have been
   * committed: what a dispatcher that stands still then has been at.
   */
  unsettledAt(moment: number): number {
    const settled = moment - COMMITTED_WITHIN_MS;
    return this.receiver.requests.filter(
      ({ path, answeredAt }) => path === this.path && (answeredAt === null || answeredAt > settled),
    ).length;
  }

  private read(): void {
    for (; this.seen < this.receiver.requests.length; this.seen++) {
      const request = this.receiver.requests[this.seen];
      if (request?.path !== this.path) continue;
      const step = `${idOf(request)} ${attemptOf(request)}`;
      this.steps.set(step, (this.steps.get(step) ?? 0) + 1);
      this.ids.add(idOf(request));
    }
  }
}

export function idOf({ headers }: ReceivedRequest): string {
  return String(headers["webhook-id"]);
}

export function attemptOf({ headers }: ReceivedRequest): number {
  return Number(headers["webhook-attempt"]);
}
