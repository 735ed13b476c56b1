import type { DeliveryEnds, LoggedId } from "./ports";

export interface EndedDeliveriesParts {
  readonly ends: DeliveryEnds;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Resolves after so many milliseconds, or at once when the process is stopping. */
  readonly pause: (ms: number) => Promise<void>;
  readonly isStopping: () => boolean;
}

/** The log has an attempt about a second after it ended. */
const LOOK_EVERY_MS = 150;

/** Whoever comes on top of these does not wait. */
const MOST_WAITING = 1_000;

interface Waiting {
  readonly delivery: LoggedId;
  readonly until: number;
  readonly resolve: () => void;
}

/** Waits for deliveries to end. However many wait, the log is asked one question at a time, about all of them. */
export class EndedDeliveries {
  private readonly waiting = new Set<Waiting>();
  private looking: Promise<void> | null = null;

  constructor(private readonly parts: EndedDeliveriesParts) {}

  /**
   * Resolves when the delivery has ended in the log, at `until` (milliseconds since the epoch) at the latest, and at
   * once when too many wait already. Never rejects: a log that cannot be asked is waited for.
   */
  async wait(delivery: LoggedId, until: number): Promise<void> {
    if (this.waiting.size >= MOST_WAITING) return;
    await new Promise<void>((resolve) => {
      this.waiting.add({ delivery, until, resolve });
      this.looking ??= this.look().finally(() => {
        this.looking = null;
      });
    });
  }

  private async look(): Promise<void> {
    const { ends, now, pause, isStopping } = this.parts;
    while (this.waiting.size > 0) {
      const all = [...this.waiting];
      const ended = await ends.among(all.map(({ delivery }) => delivery)).catch(() => new Set<string>());
      for (const one of all) {
        if (!ended.has(one.delivery.delivery_id) && now() < one.until && !isStopping()) continue;
        this.waiting.delete(one);
        one.resolve();
      }
      if (this.waiting.size > 0) await pause(LOOK_EVERY_MS);
    }
  }
}
