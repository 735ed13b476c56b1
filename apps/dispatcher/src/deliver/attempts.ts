import type { CircuitState } from "@waggle/contracts";
import type { AttemptEnd } from "./attempt-record";
import { type AttemptSettings, attemptTimeoutMs, runAttempt } from "./attempt-runner";
import type { Job } from "./job";
import type { Lane, Lanes } from "./lanes";
import { retryOf } from "./next-delivery";
import type { OutcomeWriter } from "./outcome-writer";
import type { DispatchMeter, Sender } from "./ports";
import type { Webhook } from "./webhook";
import { type RunningAttempt, SLOW_MS, type WebhookLoad } from "./webhook-load";

export interface AttemptsOptions {
  readonly sender: Sender;
  readonly meter: DispatchMeter;
  readonly lanes: Lanes;
  readonly outcomes: OutcomeWriter;
  readonly settings: AttemptSettings & { readonly onFatal: (error: unknown) => void };
  /** Whether it is certain that what counts as ours is ours. */
  readonly knowsWhatIsOurs: (now: number) => boolean;
  /** Called after every attempt, when its outcome is on its way and its slot is free. */
  readonly onEnd: (load: WebhookLoad) => void;
}

/** The attempts in flight: each holds a slot of a lane, and what it comes to is learned, counted and written. */
export class Attempts {
  private running = 0;
  /** Failures of which it is not certain whether ours is to decide what follows. */
  private undecided: Ended[] = [];

  constructor(private readonly options: AttemptsOptions) {}

  get count(): number {
    return this.running;
  }

  /** @param isLast the delivery's lifetime is over: whatever fails now ends it */
  begin(
    load: WebhookLoad,
    job: Job,
    { webhook, lane, isLast }: { readonly webhook: Webhook; readonly lane: Lane; readonly isLast: boolean },
  ): void {
    const { sender, lanes, settings } = this.options;
    const startedAt = settings.now();
    const { entry } = webhook;
    const { test } = job.delivery;
    const attempt: RunningAttempt = {
      startedAt,
      timeoutMs: attemptTimeoutMs(webhook, settings),
      version: entry.version,
      bytes: job.bytes,
      wasLimiting: load.current + 1 >= load.cap.limit(entry.max_in_flight),
      lane,
    };
    if (test) load.tests.add(attempt);
    else {
      load.begun(attempt);
      load.pace.started(entry.max_per_second, startedAt);
    }
    lanes.enter(lane, job.bytes);
    this.running += 1;
    runAttempt(job, webhook, { sender, settings, isLast })
      .then((end) => this.end(load, job, { attempt, webhook, end }))
      .catch((error: unknown) => settings.onFatal(error));
  }

  /** Moves what has taken more than a second to the slow lane, so that it holds up nobody in the fast one. */
  noticeSlow(load: WebhookLoad, now: number): void {
    for (const attempts of [load.tests, load.running]) {
      for (const attempt of attempts) {
        // They stand in the order of their starts.
        if (now - attempt.startedAt <= SLOW_MS) break;
        this.toSlowLane(attempt);
      }
    }
  }

  /** Decides what could not be decided: to be called once it is certain what is ours. */
  decide(): void {
    const { undecided } = this;
    this.undecided = [];
    for (const ended of undecided) this.write(ended);
  }

  private write({ job, record, step }: Ended): void {
    // Who has the partition now repeats the attempt and decides what follows; ours is only recorded.
    const next = step.kind === "retry" && job.owned ? retryOf(job, step) : null;
    this.options.outcomes.write(job, record, next);
  }

  private toSlowLane(attempt: RunningAttempt): void {
    if (attempt.lane === "slow") return;
    this.options.lanes.leave("fast", attempt.bytes);
    this.options.lanes.enter("slow", attempt.bytes);
    attempt.lane = "slow";
  }

  private end(
    load: WebhookLoad,
    job: Job,
    {
      attempt,
      webhook,
      end,
    }: { readonly attempt: RunningAttempt; readonly webhook: Webhook; readonly end: AttemptEnd },
  ): void {
    const { lanes, meter, settings, knowsWhatIsOurs, onEnd } = this.options;
    const { delivery } = job;
    lanes.leave(attempt.lane, attempt.bytes);
    if (delivery.test) load.tests.delete(attempt);
    else {
      load.ended(attempt, end, settings.ownDelayMs());
      meter.attempted(delivery, webhook.entry, end);
    }
    // It is written only now, and nobody else has it.
    const record = delivery.test ? end.record : Object.assign(end.record, { circuit: circuitOf(load) });
    const ended = { job, record, step: end.step };
    // After a freeze every attempt has timed out: whether others have taken over is learnt a moment later.
    if (end.step.kind === "retry" && !knowsWhatIsOurs(settings.now())) this.undecided.push(ended);
    else this.write(ended);
    this.running -= 1;
    onEnd(load);
  }
}

interface Ended {
  readonly job: Job;
  readonly record: AttemptEnd["record"];
  readonly step: AttemptEnd["step"];
}

function circuitOf(load: WebhookLoad): CircuitState {
  return load.circuit.isOpen ? "open" : "closed";
}
