export interface GathererOptions<Item> {
  /** What one batch may hold; its first item is taken whatever its size. */
  readonly limits: { readonly records: number; readonly bytes: number };
  /** Milliseconds an item waits for others before it is written. */
  readonly settleMs: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Writes a batch; never rejects. */
  readonly write: (batch: readonly Item[]) => Promise<void>;
}

/**
 * Makes batches of what arrives, one at a time and in the order of arrival: whatever comes while one is written waits
 * for the next, so the batches grow with the load. It holds any number of items; who brings them bounds it.
 */
export class Gatherer<Item extends { readonly bytes: number }> {
  private waiting: { readonly item: Item; readonly settled: number }[] = [];
  private running: Promise<void> | null = null;
  private hurried = false;
  private wake: (() => void) | null = null;

  constructor(private readonly options: GathererOptions<Item>) {}

  add(items: readonly Item[]): void {
    const settled = this.options.now() + this.options.settleMs;
    for (const item of items) this.waiting.push({ item, settled });
    if (items.length > 0) this.running ??= this.run();
  }

  /** Settles everything at once, from now on; resolves when nothing waits or is being written. */
  async drain(): Promise<void> {
    this.hurried = true;
    this.wake?.();
    while (this.running) await this.running;
  }

  private async run(): Promise<void> {
    for (;;) {
      const [first] = this.waiting;
      if (!first) break;
      await this.wait(first.settled - this.options.now());
      await this.options.write(this.take());
    }
    this.running = null;
  }

  private async wait(ms: number): Promise<void> {
    if (this.hurried || ms <= 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.wake = null;
  }

  private take(): Item[] {
    const { limits, now } = this.options;
    const time = this.hurried ? Number.POSITIVE_INFINITY : now();
    let bytes = 0;
    let count = 0;
    for (const { item, settled } of this.waiting) {
      bytes += item.bytes;
      if (count > 0 && (count >= limits.records || bytes > limits.bytes || settled > time)) break;
      count += 1;
    }
    return this.waiting.splice(0, count).map(({ item }) => item);
  }
}
