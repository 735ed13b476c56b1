import { type EventLoopUtilization, monitorEventLoopDelay, performance } from "node:perf_hooks";

const RESOLUTION_MS = 10;
const WINDOW_MS = 500;
/** The share of time in which the event loop was not waiting for anything, from which on it has more to do than it can. */
const SATURATED = 0.9;
/** Below it nothing waits for the event loop. Sampling would wake an idle process up a hundred times a second. */
const LEISURELY = 0.2;

/**
 * How late this process runs because it is busy itself, over the last half second. An answer that waited for our own
 * event loop says nothing about the receiver; taken for its slowness, a busy minute would have us park everything.
 */
export class OwnDelay {
  private readonly delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  private readonly timer: NodeJS.Timeout;
  private isSampling = false;
  private current = 0;
  private windowBegan: EventLoopUtilization = performance.eventLoopUtilization();
  private busy = 0;

  constructor() {
    this.timer = setInterval(() => this.read(), WINDOW_MS).unref();
  }

  /** Milliseconds, 0 when the process keeps up. */
  get ms(): number {
    // A burst is not to wait for the end of a window in which nothing was sampled.
    if (!this.isSampling && this.busyNow() >= LEISURELY) this.sample(true);
    return this.current;
  }

  /** Whether this process has more to do than it can. */
  get isSaturated(): boolean {
    return this.busy >= SATURATED;
  }

  /** Nest calls it by the hook's name. */
  onApplicationShutdown(): void {
    clearInterval(this.timer);
    this.delays.disable();
  }

  private read(): void {
    this.busy = this.busyNow();
    this.windowBegan = performance.eventLoopUtilization();
    // What is recorded is the time between two samples, so a process that keeps up shows the resolution itself.
    this.current = Math.max(0, this.delays.mean / 1_000_000 - RESOLUTION_MS) || 0;
    this.delays.reset();
    this.sample(this.busy >= LEISURELY);
  }

  /** The share of the window so far in which the event loop had something to do. */
  private busyNow(): number {
    return performance.eventLoopUtilization(this.windowBegan).utilization;
  }

  private sample(wanted: boolean): void {
    if (wanted) this.delays.enable();
    else this.delays.disable();
    this.isSampling = wanted;
  }
}
