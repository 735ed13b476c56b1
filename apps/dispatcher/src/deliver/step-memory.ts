/**
 * Remembers the steps taken in one partition, so that a second copy of a record is dropped. Bounded: two generations,
 * of which the older is forgotten when the newer is full or half the time has passed.
 */
export class StepMemory {
  private recent = new Set<string>();
  private older = new Set<string>();
  private rotatedAt: number;

  constructor(
    private readonly limits: { readonly steps: number; readonly ms: number },
    now: number,
  ) {
    this.rotatedAt = now;
  }

  /** Whether this step is new; remembers it. A step is remembered for at least half of `ms`, at most all of it. */
  take(step: string, now: number): boolean {
    if (this.recent.size >= this.limits.steps / 2 || now - this.rotatedAt >= this.limits.ms / 2) this.rotate(now);
    if (this.recent.has(step) || this.older.has(step)) return false;
    this.recent.add(step);
    return true;
  }

  /** Takes a step back: its record was not taken after all and will come again. */
  forget(step: string): void {
    this.recent.delete(step);
    this.older.delete(step);
  }

  private rotate(now: number): void {
    this.older = this.recent;
    this.recent = new Set();
    this.rotatedAt = now;
  }
}
