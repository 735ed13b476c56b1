import type { AttemptEnd } from "./attempt-record";
import { Backlog } from "./backlog";
import { Circuit } from "./circuit";
import { ConcurrencyCap } from "./concurrency-cap";
import type { Lane } from "./lanes";
import { Pace } from "./pace";
import { WaitingQueue, type WaitingRoom } from "./waiting-queue";

/** An attempt that is in flight. */
export interface RunningAttempt {
  readonly startedAt: number;
  readonly timeoutMs: number;
  /** The webhook version it was made with: an older one may have pointed at another receiver. */
  readonly version: number;
  readonly bytes: number;
  /** Whether the cap was reached when it started, so that raising it would mean something. */
  readonly wasLimiting: boolean;
  lane: Lane;
}

export interface OwnLimits {
  readonly maxInFlight: number | null;
  readonly maxPerSecond: number | null;
}

/** Milliseconds beyond which a webhook counts as slow. Source: contract §1 "admission thresholds". */
export const SLOW_MS = 1_000;
/** What an answer is assumed to take before one was seen, so that a burst is not parked unseen. Milliseconds. */
const ASSUMED_MS = 20;
const MEAN_WEIGHT = 0.2;

/** All that one webhook has going on in this process. */
export class WebhookLoad {
  readonly cap = new ConcurrencyCap();
  readonly pace = new Pace();
  readonly circuit: Circuit;
  readonly backlog: Backlog;
  readonly waiting: WaitingQueue;
  readonly running = new Set<RunningAttempt>();
  /** Tests in flight: bounded, but nothing is learned from them. */
  readonly tests = new Set<RunningAttempt>();
  paceTimer: NodeJS.Timeout | null = null;
  private currentCount = 0;
  private version = 0;
  private gone: number | null = null;
  private meanMs: number | null = null;

  constructor(
    readonly webhookId: string,
    readonly partition: number,
    options: { readonly epoch: string; readonly timeScale: number; readonly room: WaitingRoom },
  ) {
    this.circuit = new Circuit(options.timeScale);
    this.backlog = new Backlog(options.epoch);
    this.waiting = new WaitingQueue(options.room);
  }

  /** The version that answered 410; blocked until the directory has a newer one. Null when none did. */
  get goneVersion(): number | null {
    return this.gone;
  }

  /** How many attempts at the receiver as it is now are in flight. */
  get current(): number {
    return this.currentCount;
  }

  /** Nothing is going on: what is remembered is only how the receiver behaved. */
  get isIdle(): boolean {
    return this.running.size === 0 && this.tests.size === 0 && this.waiting.length === 0;
  }

  /** Slow: its oldest attempt in flight has taken more than a second, or its answers do on average. */
  isSlow(now: number): boolean {
    return this.oldestAgeMs(now) > SLOW_MS || (this.meanMs ?? 0) > SLOW_MS;
  }

  /**
   * How long a delivery with so many ahead of it will wait when things go on as they do now, in milliseconds.
   * @param saturated this process is late by itself: then a receiver is judged by its best, unless it is slow
   */
  estimatedWaitMs(
    ahead: number,
    { limits, saturated }: { readonly limits: OwnLimits; readonly saturated: boolean },
    now: number,
  ): number {
    const best = saturated && !this.isSlow(now) ? this.cap.best : null;
    const serviceMs = best ?? Math.max(this.meanMs ?? ASSUMED_MS, this.oldestAgeMs(now), 1);
    const perSecond = Math.min(
      (this.cap.expected(limits.maxInFlight) * 1_000) / serviceMs,
      this.pace.perSecond(limits.maxPerSecond),
    );
    return (ahead * 1_000) / perSecond;
  }

  /** Whether no further attempt may start: the learned cap is about the present receiver, the webhook's own about all. */
  isAtCap(maxInFlight: number | null): boolean {
    if (maxInFlight !== null && this.running.size >= maxInFlight) return true;
    return this.currentCount >= this.cap.limit(maxInFlight);
  }

  /** Looks at how long attempts have been in flight: the circuit may open. */
  noticeAges(now: number): void {
    this.circuit.inFlight(
      [...this.running].filter(({ version }) => version === this.version),
      now,
    );
  }

  /** An attempt at the present receiver starts. */
  begun(attempt: RunningAttempt): void {
    this.running.add(attempt);
    this.currentCount += 1;
  }

  /** A newer version may point elsewhere or have been enabled anew: it starts as a new webhook does. */
  noticeVersion(version: number): void {
    if (version <= this.version) return;
    if (this.version > 0) this.startAnew();
    this.version = version;
    this.currentCount = 0;
  }

  /**
   * An attempt ended. What it tells about its receiver counts if that is still the webhook's receiver; what this
   * process was late by itself (milliseconds) is not the receiver's doing.
   */
  ended(
    attempt: RunningAttempt,
    { outcome, startedAt, endedAt }: Pick<AttemptEnd, "outcome" | "startedAt" | "endedAt">,
    ownDelayMs = 0,
  ): void {
    this.running.delete(attempt);
    if (outcome.kind === "failed" && outcome.gone) this.gone = Math.max(this.gone ?? 0, attempt.version);
    if (attempt.version !== this.version) return;
    this.currentCount -= 1;
    const durationMs = Math.max(1, endedAt - startedAt - ownDelayMs);
    this.meanMs = this.meanMs === null ? durationMs : this.meanMs + MEAN_WEIGHT * (durationMs - this.meanMs);
    if (outcome.kind === "delivered") {
      if (this.circuit.isOpen) this.startAnew();
      this.circuit.succeeded(endedAt);
      this.cap.answered(durationMs, attempt.wasLimiting);
      this.pace.delivered(endedAt);
      return;
    }
    this.circuit.failed({ startedAt, endedAt });
    const { status_code } = outcome;
    const asksForLess = status_code === 429 || status_code === 503;
    if (outcome.error === "timeout" || asksForLess) this.cap.overloaded(startedAt, endedAt);
    if (asksForLess) this.pace.refused(status_code, endedAt);
  }

  /** The receiver is another one or well again: it is met as a new one is. */
  private startAnew(): void {
    this.circuit.close();
    this.cap.restart();
    this.pace.restart();
    this.meanMs = null;
  }

  private oldestAgeMs(now: number): number {
    for (const { startedAt, version } of this.running) if (version === this.version) return now - startedAt;
    return 0;
  }
}
