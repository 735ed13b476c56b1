import type { DeliveryRecord } from "@waggle/contracts";

/** One step of a delivery: the attempt it waits for, and how often it was parked before that. */
export type Step = Pick<DeliveryRecord, "delivery_id" | "round" | "attempt" | "park">;

/** More parks of one attempt than there can be. */
const PARKS = 2 ** 20;
const OVER = Number.POSITIVE_INFINITY;

/**
 * Remembers how far each delivery's round has come in one partition. Steps follow one another, so a record of a step
 * that was taken, or of one before it, is a copy: a crash handed it out again, a publisher repeated its event, or a
 * process that was frozen wrote what it had decided before others took over. Dropped, a chain of retries never forks,
 * and nothing follows a 2xx. Bounded: two generations, of which the older is forgotten when the newer is full or half
 * the time has passed.
 */
export class StepMemory {
  private recent = new Map<string, number>();
  private older = new Map<string, number>();
  private rotatedAt: number;

  constructor(
    private readonly limits: { readonly rounds: number; readonly ms: number },
    now: number,
  ) {
    this.rotatedAt = now;
  }

  /** Whether this step is new; remembers it. It is remembered for at least half of `ms`. */
  take(step: Step, now: number): boolean {
    if (this.recent.size >= this.limits.rounds / 2 || now - this.rotatedAt >= this.limits.ms / 2) this.rotate(now);
    const key = keyOf(step);
    const place = placeOf(step);
    if (place <= (this.recent.get(key) ?? this.older.get(key) ?? 0)) return false;
    this.recent.set(key, place);
    return true;
  }

  /** Whether nothing is known to have come after this step, which was taken: it may have waited since. */
  isLatest(step: Step): boolean {
    const key = keyOf(step);
    return (this.recent.get(key) ?? this.older.get(key) ?? 0) <= placeOf(step);
  }

  /** Takes a step back: its record was not taken after all and will come again. Those before it stay taken. */
  forget(step: Step): void {
    this.recent.set(keyOf(step), placeOf(step) - 1);
  }

  /** The round has ended: no step follows. */
  end(step: Step): void {
    this.recent.set(keyOf(step), OVER);
  }

  private rotate(now: number): void {
    this.older = this.recent;
    this.recent = new Map();
    this.rotatedAt = now;
  }
}

function keyOf({ delivery_id, round }: Step): string {
  return `${delivery_id}/${round}`;
}

function placeOf({ attempt, park }: Step): number {
  return attempt * PARKS + park;
}
