const FAILURES = 10;
const WINDOW_S = 60;
const FIRST_PROBE_S = 5;
const LAST_PROBE_S = 60;
const OLD_ATTEMPTS = 2;

/**
 * One webhook's circuit. It opens on ≥ 10 failures without a 2xx within 60 s, or when ≥ 2 attempts in flight are older
 * than half their timeout; while open, one delivery at a time probes it, every 5 s growing to 60 s; any 2xx closes it.
 * Times are divided by `TIME_SCALE`. Source: contract §3.
 */
export class Circuit {
  private failures: number[] = [];
  private lastSuccess = Number.NEGATIVE_INFINITY;
  private openedAt: number | null = null;
  /** When the last probe ended; at first, when it opened. */
  private probedAt = 0;
  private probeInterval = 0;

  constructor(private readonly timeScale: number) {}

  get isOpen(): boolean {
    return this.openedAt !== null;
  }

  /**
   * Milliseconds until the next probe may start.
   * @param isAlone nothing else of the webhook waits: its deliveries come less often than probes, and each is one by
   * its own schedule, for which the first and shortest interval suffices
   */
  probeWaitMs(now: number, isAlone = false): number {
    const interval = isAlone ? this.ms(FIRST_PROBE_S) : this.probeInterval;
    return Math.max(0, this.probedAt + interval - now);
  }

  succeeded(now: number): void {
    this.lastSuccess = now;
    this.close();
  }

  close(): void {
    this.openedAt = null;
    this.failures = [];
  }

  failed({ startedAt, endedAt }: { readonly startedAt: number; readonly endedAt: number }): void {
    if (this.openedAt !== null) {
      // What was in flight when it opened fails together and is no probe: the interval grows by one step a probe.
      if (startedAt < this.openedAt) return;
      this.probeInterval = Math.min(this.probeInterval * 2, this.ms(LAST_PROBE_S));
      this.probedAt = endedAt;
      return;
    }
    const since = endedAt - this.ms(WINDOW_S);
    this.failures = [...this.failures.filter((at) => at >= since), endedAt].slice(-FAILURES);
    if (this.failures.length >= FAILURES && this.lastSuccess < since) this.open(endedAt);
  }

  /** What is in flight: how long each attempt has run against its timeout. */
  inFlight(attempts: Iterable<{ readonly startedAt: number; readonly timeoutMs: number }>, now: number): void {
    if (this.isOpen) return;
    let old = 0;
    for (const { startedAt, timeoutMs } of attempts) if (now - startedAt > timeoutMs / 2) old += 1;
    if (old >= OLD_ATTEMPTS) this.open(now);
  }

  private open(now: number): void {
    this.openedAt = now;
    this.probedAt = now;
    this.probeInterval = this.ms(FIRST_PROBE_S);
  }

  private ms(seconds: number): number {
    return (seconds * 1_000) / this.timeScale;
  }
}
