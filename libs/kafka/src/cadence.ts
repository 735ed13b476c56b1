export interface CadenceOptions {
  /** Milliseconds from the start of one request to the next, at least. */
  readonly leastMs: number;
  /** What that grows to when requests carry many records: who has much to carry goes less often. */
  readonly mostMs: number;
  /**
   * How many milliseconds each record of the last request adds. Default 1: from 1,000 records a second on, the interval
   * grows to its most. Less where the next records come only once these are answered.
   */
  readonly msPerRecord?: number;
}

const MS_PER_RECORD = 1;

/**
 * How often requests to Kafka are made. A request costs both sides much more than a record, so under load fewer and
 * larger ones are made; a record that comes alone, after a pause, waits for nothing.
 */
export class Cadence {
  private startedAt = Number.NEGATIVE_INFINITY;
  private intervalMs: number;

  constructor(private readonly options: CadenceOptions) {
    this.intervalMs = options.leastMs;
  }

  /** Milliseconds until the next request may start. */
  waitMs(now: number): number {
    return Math.max(0, this.startedAt + this.intervalMs - now);
  }

  begin(now: number): void {
    this.startedAt = now;
  }

  /** The next request may start at once. */
  hurry(): void {
    this.intervalMs = 0;
  }

  /** How many records the request that began last carried. */
  carried(records: number): void {
    const { leastMs, mostMs, msPerRecord = MS_PER_RECORD } = this.options;
    this.intervalMs = Math.min(mostMs, Math.max(leastMs, records * msPerRecord));
  }
}
