import { Backlog } from "./backlog";
import { Circuit } from "./circuit";
import { ConcurrencyCap } from "./concurrency-cap";
import type { Job } from "./job";
import type { Lane } from "./lanes";
import { Pace } from "./pace";

/** An attempt that is in flight. */
export interface RunningAttempt {
  readonly startedAt: number;
  readonly timeoutMs: number;
  lane: Lane;
}

export interface WaitingJob {
  readonly job: Job;
  readonly position: number;
}

/** Milliseconds beyond which a webhook counts as slow. Source: contract §1 "admission thresholds". */
export const SLOW_MS = 1_000;
/** What an answer is assumed to take before one was seen. Milliseconds. */
const ASSUMED_MS = 100;
const MEAN_WEIGHT = 0.2;

/** All that one webhook has going on in this process. */
export class WebhookLoad {
  readonly cap = new ConcurrencyCap();
  readonly pace = new Pace();
  readonly circuit: Circuit;
  readonly backlog: Backlog;
  readonly waiting: WaitingJob[] = [];
  readonly running = new Set<RunningAttempt>();
  /** The newest webhook version acted upon; a newer one may mean another receiver. */
  version = 0;
  /** The version that answered 410; blocked until the directory has a newer one. */
  goneVersion: number | null = null;
  paceTimer: NodeJS.Timeout | null = null;
  private meanMs: number | null = null;

  constructor(
    readonly webhookId: string,
    readonly partition: number,
    options: { readonly epoch: string; readonly timeScale: number },
  ) {
    this.circuit = new Circuit(options.timeScale);
    this.backlog = new Backlog(options.epoch);
  }

  /** Slow: its oldest attempt in flight has taken more than a second, or its answers do on average. */
  isSlow(now: number): boolean {
    return this.oldestAgeMs(now) > SLOW_MS || (this.meanMs ?? 0) > SLOW_MS;
  }

  /** How long a delivery with so many ahead of it will wait, in milliseconds. */
  estimatedWaitMs(
    ahead: number,
    limits: { readonly maxInFlight: number | null; readonly maxPerSecond: number | null },
    now: number,
  ): number {
    const serviceMs = Math.max(this.meanMs ?? ASSUMED_MS, this.oldestAgeMs(now), 1);
    const perSecond = Math.min(
      (this.cap.expected(limits.maxInFlight) * 1_000) / serviceMs,
      this.pace.perSecond(limits.maxPerSecond),
    );
    return (ahead * 1_000) / perSecond;
  }

  answered(durationMs: number): void {
    this.meanMs = this.meanMs === null ? durationMs : this.meanMs + MEAN_WEIGHT * (durationMs - this.meanMs);
  }

  /** The receiver is another one or well again: it starts as a new one does. */
  recovered(): void {
    this.circuit.close();
    this.cap.restart();
    this.meanMs = null;
  }

  /** Nothing is going on: what is remembered is only how the receiver behaved. */
  get isIdle(): boolean {
    return this.running.size === 0 && this.waiting.length === 0;
  }

  private oldestAgeMs(now: number): number {
    const oldest = this.running.values().next().value;
    return oldest ? now - oldest.startedAt : 0;
  }
}
