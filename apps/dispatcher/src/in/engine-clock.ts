import type { DeliveryEngine } from "../deliver/delivery-engine";

const SWEEP_MS = 100;
const TIDY_MS = 60_000;

/** Time, as it reaches the engine. Nest stops it by the hook's name. */
export class EngineClock {
  private timers: NodeJS.Timeout[] = [];

  constructor(private readonly engine: DeliveryEngine) {}

  start(): void {
    this.timers = [setInterval(() => this.engine.sweep(), SWEEP_MS), setInterval(() => this.engine.tidy(), TIDY_MS)];
  }

  onApplicationShutdown(): void {
    for (const timer of this.timers) clearInterval(timer);
  }
}
