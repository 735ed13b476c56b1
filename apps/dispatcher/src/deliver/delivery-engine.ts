import type { AttemptRecord, CircuitState, DeliveryRecord } from "@waggle/contracts";
import { lifetimeEndsAt, type Outcome, retryDelays, scaledMs, TIER_SECONDS, type Tier } from "@waggle/domain";
import { type Admission, admit } from "./admission";
import { endRecord } from "./attempt-record";
import { type AttemptEnd, type AttemptSettings, attemptTimeoutMs, runAttempt } from "./attempt-runner";
import { DirectoryWaiters } from "./directory-waiters";
import type { Job } from "./job";
import { type Lane, Lanes } from "./lanes";
import type { DeliveryLog, DispatchMeter, Membership, Sender, Webhooks } from "./ports";
import { type Standing, standingOf } from "./standing";
import type { Webhook } from "./webhook";
import { type RunningAttempt, SLOW_MS, type WaitingJob, type WebhookLoad } from "./webhook-load";
import { WebhookLoads } from "./webhook-loads";

export interface EnginePorts {
  readonly webhooks: Webhooks;
  readonly sender: Sender;
  readonly log: DeliveryLog;
  readonly membership: Membership;
  readonly meter: DispatchMeter;
}

export interface EngineSettings extends AttemptSettings {
  readonly slots: Readonly<Record<Lane, number>>;
  /** Deliveries that may wait in memory before healthy webhooks' own queues are cut short by parking. */
  readonly maxWaiting: number;
  /** Names this process in the positions of parked deliveries. */
  readonly processId: string;
  /** Something that cannot be mended here, such as an outcome that Kafka refuses. */
  readonly onFatal: (error: unknown) => void;
}

/**
 * Delivers what is due: asks what the webhook's state means, admits, attempts, decides, and writes what came of it.
 * Everything happens in one process per webhook (its partition is here), so what it knows of one is exact.
 */
export class DeliveryEngine {
  private readonly lanes: Lanes;
  private readonly loads: WebhookLoads;
  private readonly waiters = new DirectoryWaiters();
  /** Webhooks whose first delivery waits for a slot of the fast lane, in turn. */
  private readonly wantLane = new Set<WebhookLoad>();
  private readonly active = new Set<WebhookLoad>();
  private waitingCount = 0;
  /** Deliveries wait only because this process was not sure of its membership. */
  private heldUp = false;
  private unsettled = 0;
  private stopping = false;

  constructor(
    private readonly ports: EnginePorts,
    private readonly settings: EngineSettings,
  ) {
    this.lanes = new Lanes(settings.slots, (lane, count) => ports.meter.inFlight(lane, count));
    this.loads = new WebhookLoads(settings);
  }

  /** Takes over a delivery that is due. Its `done` is called once what came of it is acknowledged. */
  submit(job: Job): void {
    if (this.stopping || !job.owned) return;
    const now = this.settings.now();
    const load = this.loads.of(job.delivery.webhook_id, job.partition, now);
    const webhook = this.standing(job, load, now);
    if (!webhook) return;
    if (job.delivery.test) {
      this.begin(load, job, { webhook, lane: "fast", isLast: true });
      return;
    }
    const item = { job, position: load.backlog.positionOf(job.delivery.park_position) };
    if (!this.ports.membership.isMember(now)) {
      this.wait(load, item);
      this.heldUp = true;
      return;
    }
    this.settle(load, item, { webhook, admission: this.ask(load, item, { webhook, now }) });
  }

  /** A webhook's directory entry changed: what waited for it, or was held up by what it was, is looked at again. */
  webhookChanged(webhookId: string): void {
    for (const job of this.waiters.of(webhookId)) this.submit(job);
    const load = this.loads.find(webhookId);
    if (load) this.pump(load);
  }

  /** Forgets what waits of partitions that others own now. What is in flight ends by itself. */
  dropPartitions(partitions: ReadonlySet<number>): void {
    for (const load of this.loads.dropPartitions(partitions)) {
      this.waitingCount -= load.waiting.length;
      load.waiting.length = 0;
      this.wantLane.delete(load);
      if (load.paceTimer) clearTimeout(load.paceTimer);
    }
    for (const job of this.waiters.of(null)) if (!job.owned) this.waiters.forget(job);
  }

  /** To be called every 100 ms: notices attempts that turned slow, circuits that open, time that has passed. */
  sweep(): void {
    const now = this.settings.now();
    for (const load of this.active) {
      for (const attempt of load.running) {
        if (now - attempt.startedAt <= SLOW_MS) break;
        this.toSlowLane(attempt);
      }
      const wasOpen = load.circuit.isOpen;
      load.circuit.inFlight(load.running, now);
      if (load.circuit.isOpen && !wasOpen) this.pump(load);
    }
    for (const job of this.waiters.of(null)) {
      if (!job.owned || this.waiters.waitedEnough(job, now)) this.submit(job);
    }
    if (this.heldUp && this.ports.membership.isMember(now)) {
      this.heldUp = false;
      for (const load of this.loads) this.pump(load);
    }
    this.fillFastLane();
  }

  /** To be called now and then: forgets webhooks that have had no work for long. */
  tidy(): void {
    this.loads.forgetIdle(this.settings.now());
  }

  /** Begins nothing more, and resolves when what is in flight has ended and its outcome is acknowledged. */
  async drain(): Promise<void> {
    this.stopping = true;
    while (this.unsettled > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  /** Attempts under way, and outcomes that are not acknowledged yet. */
  get inFlight(): number {
    return this.unsettled;
  }

  /** How many webhooks' circuits are open. */
  get openCircuits(): number {
    let open = 0;
    for (const load of this.loads) if (load.circuit.isOpen) open += 1;
    return open;
  }

  /** The webhook to send to now, or null after dealing with a delivery that is not to be sent (now). */
  private standing(job: Job, load: WebhookLoad, now: number): Webhook | null {
    const waitedEnough = this.waiters.waitedEnough(job, now);
    const standing: Standing = standingOf(job.delivery, this.ports.webhooks, {
      goneVersion: load.goneVersion,
      waitedEnough,
    });
    if (standing.kind === "await_directory") {
      this.waiters.add(job, now);
      return null;
    }
    this.waiters.forget(job);
    if (standing.kind === "superseded") job.done();
    if (standing.kind === "skip") {
      const { reason, version } = standing;
      this.finish(job, endRecord(job.delivery, { status: "skipped", reason, version }, now));
    }
    if (standing.kind !== "send") return null;
    this.noticeVersion(load, standing.webhook);
    return standing.webhook;
  }

  /** A newer version may point elsewhere or have been enabled anew: it starts with a closed circuit. */
  private noticeVersion(load: WebhookLoad, { entry }: Webhook): void {
    if (entry.version <= load.version) return;
    if (load.version > 0) load.recovered();
    load.version = entry.version;
  }

  private ask(load: WebhookLoad, item: WaitingJob, { webhook, now }: { webhook: Webhook; now: number }): Admission {
    const { entry } = webhook;
    return admit(
      {
        load,
        position: item.position,
        isFirst: load.waiting.length === 0 || load.waiting[0] === item,
        limits: { maxInFlight: entry.max_in_flight, maxPerSecond: entry.max_per_second },
        lanes: this.lanes,
        roomToWait: this.waitingCount < this.settings.maxWaiting,
        lifetimeEndsAt: this.lifetimeEnd(item.job.delivery, webhook),
        timeScale: this.settings.timeScale,
      },
      now,
    );
  }

  /** Acts on an admission. `item` is not in the queue, or first in it. */
  private settle(
    load: WebhookLoad,
    item: WaitingJob,
    { webhook, admission }: { readonly webhook: Webhook; readonly admission: Admission },
  ): void {
    if (admission.kind === "wait") {
      this.wait(load, item);
      if (admission.for === "lane") this.wantLane.add(load);
      if (admission.for === "pace") this.pumpWhenPaced(load);
      return;
    }
    this.unwait(load, item);
    if (admission.kind === "park") {
      this.park(load, item, admission);
      return;
    }
    load.backlog.serve();
    if (admission.kind === "start") {
      const isLast = this.lifetimeEnd(item.job.delivery, webhook) <= this.settings.now();
      this.begin(load, item.job, { webhook, lane: admission.lane, isLast });
      return;
    }
    const end = { status: "exhausted", reason: "lifetime_over", version: webhook.entry.version } as const;
    this.finish(item.job, endRecord(item.job.delivery, end, this.settings.now()));
  }

  /** Puts a delivery into its webhook's queue, in the order of positions; one that is there stays. */
  private wait(load: WebhookLoad, item: WaitingJob): void {
    if (load.waiting[0] === item) return;
    let at = load.waiting.length;
    while (at > 0 && (load.waiting[at - 1]?.position ?? 0) > item.position) at -= 1;
    load.waiting.splice(at, 0, item);
    this.waitingCount += 1;
  }

  private unwait(load: WebhookLoad, item: WaitingJob): void {
    if (load.waiting[0] !== item) return;
    load.waiting.shift();
    this.waitingCount -= 1;
  }

  /** Goes on with a webhook's queue as far as it may. */
  private pump(load: WebhookLoad): void {
    while (!this.stopping) {
      const item = load.waiting[0];
      const now = this.settings.now();
      if (!item) return;
      if (!this.ports.membership.isMember(now)) {
        this.heldUp = true;
        return;
      }
      const webhook = item.job.owned ? this.standing(item.job, load, now) : null;
      if (!webhook) {
        this.unwait(load, item);
        load.backlog.serve();
        continue;
      }
      const admission = this.ask(load, item, { webhook, now });
      this.settle(load, item, { webhook, admission });
      if (admission.kind === "wait") return;
    }
  }

  private pumpWhenPaced(load: WebhookLoad): void {
    if (load.paceTimer) return;
    load.paceTimer = setTimeout(
      () => {
        load.paceTimer = null;
        this.pump(load);
      },
      Math.ceil(load.pace.waitMs(this.settings.now())),
    );
  }

  private fillFastLane(): void {
    for (const load of [...this.wantLane]) {
      if (!this.lanes.hasRoom("fast")) return;
      this.wantLane.delete(load);
      this.pump(load);
    }
  }

  private begin(
    load: WebhookLoad,
    job: Job,
    { webhook, lane, isLast }: { readonly webhook: Webhook; readonly lane: Lane; readonly isLast: boolean },
  ): void {
    const now = this.settings.now();
    const attempt: RunningAttempt = { startedAt: now, timeoutMs: attemptTimeoutMs(webhook, this.settings), lane };
    const { test } = job.delivery;
    this.lanes.enter(lane);
    this.unsettled += 1;
    if (!test) {
      load.running.add(attempt);
      this.active.add(load);
      load.pace.started(webhook.entry.max_per_second, now);
    }
    const wasLimiting = load.running.size >= load.cap.limit(webhook.entry.max_in_flight);
    runAttempt(job, webhook, { sender: this.ports.sender, settings: this.settings, isLast })
      .then((end) => {
        this.lanes.leave(attempt.lane);
        if (!test) this.learn(load, attempt, { end, wasLimiting });
        this.meter(job.delivery, webhook, end);
        const record = test ? end.record : { ...end.record, circuit: circuitOf(load) };
        // Who has the partition now repeats the attempt and decides what follows; ours is only recorded.
        this.finish(job, record, end.step.kind === "retry" && job.owned ? retryOf(job, end.step) : null);
        this.unsettled -= 1;
        this.pump(load);
        this.fillFastLane();
      })
      .catch((error: unknown) => this.settings.onFatal(error));
  }

  /** What an attempt tells about its receiver. */
  private learn(
    load: WebhookLoad,
    attempt: RunningAttempt,
    { end, wasLimiting }: { readonly end: AttemptEnd; readonly wasLimiting: boolean },
  ): void {
    const { outcome, startedAt, endedAt } = end;
    load.running.delete(attempt);
    if (load.running.size === 0) this.active.delete(load);
    load.answered(endedAt - startedAt);
    if (outcome.kind === "delivered") {
      if (load.circuit.isOpen) load.recovered();
      load.circuit.succeeded(endedAt);
      load.cap.answered(endedAt - startedAt, wasLimiting);
      load.pace.delivered(endedAt);
      return;
    }
    load.circuit.failed(endedAt);
    if (outcome.gone) load.goneVersion = end.record.webhook_version;
    if (outcome.error === "timeout" || asksForLess(outcome)) load.cap.overloaded(startedAt, endedAt);
    if (asksForLess(outcome)) load.pace.refused(endedAt);
  }

  private meter(delivery: DeliveryRecord, webhook: Webhook, { outcome, startedAt, endedAt }: AttemptEnd): void {
    const isFirst = delivery.attempt === 1 && delivery.round === 1 && !delivery.test;
    this.ports.meter.attempted({
      dialect: webhook.entry.dialect,
      outcome,
      error: outcome.kind === "failed" ? outcome.error : null,
      durationMs: endedAt - startedAt,
      firstDelayMs: isFirst ? startedAt - delivery.accepted_at : null,
    });
  }

  private park(load: WebhookLoad, { job, position }: WaitingJob, how: Extract<Admission, { kind: "park" }>): void {
    const due_at = Math.ceil(this.settings.now() + scaledMs(TIER_SECONDS[how.tier], this.settings.timeScale));
    const delivery = {
      ...job.delivery,
      park: job.delivery.park + 1,
      park_reason: how.reason,
      park_position: load.backlog.ticket(position),
      due_at,
    };
    this.ports.meter.parked(how.reason);
    this.finish(job, null, { delivery, tier: how.tier, partition: job.partition });
  }

  /** Writes what came of a delivery; only then is its record done. */
  private finish(job: Job, attempt: AttemptRecord | null, next: NextDelivery | null = null): void {
    this.unsettled += 1;
    this.ports.log.write({ attempt, next }).then(
      () => {
        this.unsettled -= 1;
        job.done();
      },
      (error: unknown) => this.settings.onFatal(error),
    );
  }

  private toSlowLane(attempt: RunningAttempt): void {
    if (attempt.lane === "slow") return;
    this.lanes.leave("fast");
    this.lanes.enter("slow");
    attempt.lane = "slow";
  }

  private lifetimeEnd(delivery: DeliveryRecord, { entry }: Webhook): number {
    return lifetimeEndsAt(delivery.first_due_at, retryDelays(entry), this.settings.timeScale);
  }
}

interface NextDelivery {
  readonly delivery: DeliveryRecord;
  readonly tier: Tier;
  readonly partition: number;
}

/** The same delivery, waiting for its next attempt. */
function retryOf(job: Job, step: { readonly tier: Tier; readonly due_at: number }): NextDelivery {
  const delivery = {
    ...job.delivery,
    attempt: job.delivery.attempt + 1,
    park: 0,
    park_reason: null,
    park_position: null,
    due_at: step.due_at,
  };
  return { delivery, tier: step.tier, partition: job.partition };
}

function circuitOf(load: WebhookLoad): CircuitState {
  return load.circuit.isOpen ? "open" : "closed";
}

function asksForLess(outcome: Outcome): boolean {
  return outcome.status_code === 429 || outcome.status_code === 503;
}
