import { lifetimeEndsAt, retryDelays } from "@waggle/domain";
import { type Admission, admit, admitTest, admitUnsigned } from "./admission";
import { endRecord } from "./attempt-record";
import type { AttemptSettings } from "./attempt-runner";
import { Attempts } from "./attempts";
import { DirectoryWaiters } from "./directory-waiters";
import type { Job } from "./job";
import { type Lane, type LaneLimits, Lanes } from "./lanes";
import { parkedOf } from "./next-delivery";
import { OutcomeWriter } from "./outcome-writer";
import type { DeliveryLog, DispatchMeter, Membership, Sender, Webhooks } from "./ports";
import { standingOf } from "./standing";
import { type WaitingJob, WaitingRoom } from "./waiting-queue";
import type { Webhook } from "./webhook";
import type { WebhookLoad } from "./webhook-load";
import { WebhookLoads } from "./webhook-loads";

export interface EnginePorts {
  readonly webhooks: Webhooks;
  readonly sender: Sender;
  readonly log: DeliveryLog;
  readonly membership: Membership;
  readonly meter: DispatchMeter;
}

export interface EngineSettings extends AttemptSettings {
  readonly lanes: LaneLimits;
  /** What may wait in memory before healthy webhooks' own queues are cut short by parking. */
  readonly waiting: { readonly records: number; readonly bytes: number };
  /** Names this process in the positions of parked deliveries. */
  readonly processId: string;
  /** Something that cannot be mended here, such as an outcome that Kafka refuses. */
  readonly onFatal: (error: unknown) => void;
}

/** What is decided about a delivery. */
interface Decision {
  readonly webhook: Webhook;
  readonly admission: Admission;
}

/** Milliseconds that a stop waits for Kafka after the last attempt has ended. Source: safety, invariant 12. */
const LAST_WRITES_MS = 5_000;
const POLL_MS = 20;

/**
 * Delivers what is due: asks what the webhook's state means, admits, attempts, decides, and writes what came of it.
 * Everything happens in one process per webhook (its partition is here), so what it knows of one is exact.
 */
export class DeliveryEngine {
  private readonly lanes: Lanes;
  private readonly room: WaitingRoom;
  private readonly loads: WebhookLoads;
  private readonly outcomes: OutcomeWriter;
  private readonly attempts: Attempts;
  private readonly waiters = new DirectoryWaiters();
  /** Webhooks whose first delivery waits for a slot of the fast lane, in turn. */
  private readonly wantLane = new Set<WebhookLoad>();
  /** Webhooks with something in flight or waiting. */
  private readonly busy = new Set<WebhookLoad>();
  /** Deliveries that came while this process was not sure of its membership. */
  private outsiders: Job[] = [];
  /** Whether queues stand still for the same reason. */
  private heldUp = false;
  private stopping = false;

  constructor(
    private readonly ports: EnginePorts,
    private readonly settings: EngineSettings,
  ) {
    const { sender, meter } = ports;
    // What a closing producer no longer takes, the next process does again.
    this.outcomes = new OutcomeWriter(ports.log, (error) => this.stopping || settings.onFatal(error));
    this.lanes = new Lanes(settings.lanes, () => this.outcomes.isFull);
    this.room = new WaitingRoom(settings.waiting);
    this.loads = new WebhookLoads({ ...settings, room: this.room });
    const { lanes, outcomes } = this;
    this.attempts = new Attempts({
      sender,
      meter,
      lanes,
      outcomes,
      settings,
      knowsWhatIsOurs: (now) => this.stopping || ports.membership.isKept(now),
      onEnd: (load) => this.ended(load),
    });
  }

  /** Takes over a delivery that is due. Its `done` is called once what came of it is acknowledged. */
  submit(job: Job): void {
    if (this.stopping || !job.owned) return;
    const now = this.settings.now();
    if (!this.ports.membership.isMember(now)) {
      this.outsiders.push(job);
      return;
    }
    const load = this.loads.of(job.delivery.webhook_id, job.partition, now);
    const webhook = this.standing(job, load, now);
    const { park_position, test } = job.delivery;
    if (!webhook) {
      if (!this.waiters.has(job)) load.backlog.dismiss(park_position);
      return;
    }
    if (test) {
      const admission = admitTest(this.question(load, job, webhook), now);
      this.act(load, job, { webhook, admission, position: null });
      return;
    }
    const item = { job, position: load.backlog.positionOf(park_position) };
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
    this.outsiders = this.outsiders.filter(({ owned }) => owned);
    this.waiters.keepOwned();
    for (const load of this.loads.inPartitions(partitions)) {
      load.waiting.keepOwned();
      // Another topic of the same partition may still be ours.
      if (load.waiting.length > 0) continue;
      this.loads.forget(load);
      this.wantLane.delete(load);
      this.noticeIdle(load);
      stopPacing(load);
    }
  }

  /** To be called every 100 ms: notices attempts that turned slow, circuits that open, time that has passed. */
  sweep(): void {
    const now = this.settings.now();
    for (const load of this.busy) {
      this.attempts.noticeSlow(load, now);
      const wasOpen = load.circuit.isOpen;
      load.noticeAges(now);
      if (load.circuit.isOpen && !wasOpen) this.pump(load);
    }
    if (!this.ports.membership.isMember(now)) return;
    this.goOn();
    for (const load of this.busy) this.shorten(load, now);
    for (const job of this.waiters.due(now)) this.submit(job);
    this.fillFastLane();
  }

  /** To be called now and then: forgets webhooks that have had no work for long, but no 410 the directory does not know of. */
  tidy(): void {
    this.loads.forgetIdle(this.settings.now(), ({ webhookId, goneVersion }) => {
      if (goneVersion === null) return false;
      const webhook = this.ports.webhooks.find(webhookId);
      return typeof webhook !== "string" && webhook.entry.version <= goneVersion;
    });
  }

  /**
   * Begins nothing more. Resolves when what is in flight has ended and its outcome is acknowledged, or Kafka has taken
   * too long for that: then the next process does it again.
   */
  async drain(): Promise<void> {
    this.stopping = true;
    this.attempts.decide();
    for (const load of this.loads) stopPacing(load);
    while (this.attempts.count > 0) await wait(POLL_MS);
    const giveUpAt = this.settings.now() + LAST_WRITES_MS;
    while (this.outcomes.unacknowledged > 0 && this.settings.now() < giveUpAt) await wait(POLL_MS);
  }

  /** Attempts under way, and outcomes that are not acknowledged yet. */
  get inFlight(): number {
    return this.attempts.count + this.outcomes.unacknowledged;
  }

  /** Attempts in flight in one lane. */
  inFlightIn(lane: Lane): number {
    return this.lanes.count(lane);
  }

  /** How many webhooks' circuits are open. */
  get openCircuits(): number {
    let open = 0;
    for (const load of this.loads) if (load.circuit.isOpen) open += 1;
    return open;
  }

  /** The webhook to send to now, or null after dealing with a delivery that is not to be sent (now). */
  private standing(job: Job, load: WebhookLoad, now: number): Webhook | null {
    const { delivery } = job;
    const waitedEnough = this.waiters.waitedEnough(job, now);
    const standing = standingOf(delivery, this.ports.webhooks, { goneVersion: load.goneVersion, waitedEnough });
    if (standing.kind === "await_directory") {
      this.waiters.add(job, now);
      return null;
    }
    this.waiters.forget(job);
    switch (standing.kind) {
      case "superseded":
        job.done();
        return null;
      case "skip": {
        const { reason, version } = standing;
        this.outcomes.write(job, endRecord(delivery, { status: "skipped", reason, version }, now), null);
        return null;
      }
      case "no_secret": {
        const { webhook } = standing;
        // A test says how things are now; parked, it would be sent hours later to who mended that.
        const admission: Admission = delivery.test
          ? { kind: "lifetime_over" }
          : admitUnsigned(this.question(load, job, webhook), now);
        this.act(load, job, { webhook, admission, position: null });
        return null;
      }
      case "send":
        load.noticeVersion(standing.webhook.entry.version);
        return standing.webhook;
    }
  }

  private ask(
    load: WebhookLoad,
    item: WaitingJob,
    { webhook, now, waitsAlready = false }: { webhook: Webhook; now: number; waitsAlready?: boolean },
  ): Admission {
    const { entry } = webhook;
    const { delivery } = item.job;
    const { timeScale } = this.settings;
    return admit(
      {
        load,
        lanes: this.lanes,
        lifetimeEndsAt: lifetimeEndsAt(delivery.first_due_at, retryDelays(entry), timeScale),
        timeScale,
        parks: delivery.park,
        position: item.position,
        isFirst: load.waiting.length === 0 || load.waiting.first === item,
        limits: { maxInFlight: entry.max_in_flight, maxPerSecond: entry.max_per_second },
        fill: this.room.fill,
        waitsAlready,
        saturated: !this.lanes.hasRoom("fast") || this.settings.isSaturated(),
      },
      now,
    );
  }

  private question(load: WebhookLoad, { delivery }: Job, webhook: Webhook) {
    const { timeScale } = this.settings;
    const lifetimeEnd = lifetimeEndsAt(delivery.first_due_at, retryDelays(webhook.entry), timeScale);
    return { load, lanes: this.lanes, lifetimeEndsAt: lifetimeEnd, timeScale, parks: delivery.park };
  }

  /** Acts on the admission of a delivery that has a place in its webhook's queue, or gets one. */
  private settle(load: WebhookLoad, item: WaitingJob, { webhook, admission }: Decision): void {
    if (admission.kind === "wait") {
      load.waiting.add(item);
      this.busy.add(load);
      if (admission.for === "lane") this.wantLane.add(load);
      if (admission.for === "pace") this.pumpWhenPaced(load);
      return;
    }
    load.waiting.remove(item);
    if (admission.kind !== "park") load.backlog.serve();
    this.act(load, item.job, { webhook, admission, position: load.backlog.ticket(item.position) });
  }

  private act(
    load: WebhookLoad,
    job: Job,
    { webhook, admission, position }: Decision & { readonly position: string | null },
  ): void {
    const now = this.settings.now();
    if (admission.kind === "start") {
      const isLast = this.question(load, job, webhook).lifetimeEndsAt <= now;
      this.busy.add(load);
      this.attempts.begin(load, job, { webhook, lane: admission.lane, isLast });
    } else if (admission.kind === "park") {
      if (!job.delivery.test) this.ports.meter.parked(admission.reason);
      const { timeScale } = this.settings;
      this.outcomes.write(job, null, parkedOf(job, { ...admission, position }, { now, timeScale }));
    } else {
      const end = { status: "exhausted", reason: "lifetime_over", version: webhook.entry.version } as const;
      this.outcomes.write(job, endRecord(job.delivery, end, now), null);
    }
  }

  /** Goes on with a webhook's queue as far as it may. */
  private pump(load: WebhookLoad): void {
    while (!this.stopping) {
      const item = load.waiting.first;
      const now = this.settings.now();
      if (!item) break;
      if (!this.ports.membership.isMember(now)) {
        this.heldUp = true;
        return;
      }
      const webhook = item.job.owned ? this.standing(item.job, load, now) : null;
      if (!webhook) {
        this.strike(load, item);
        continue;
      }
      const admission = this.ask(load, item, { webhook, now });
      this.settle(load, item, { webhook, admission });
      if (admission.kind === "wait") return;
      // The next one could only be told to wait.
      if (admission.kind === "start" && !load.circuit.isOpen && load.isAtCap(null)) return;
    }
    this.noticeIdle(load);
  }

  /** Parks from the end of a queue that grew too long for how its webhook answers now. */
  private shorten(load: WebhookLoad, now: number): void {
    for (let item = load.waiting.last; item && item !== load.waiting.first; item = load.waiting.last) {
      const webhook = item.job.owned ? this.standing(item.job, load, now) : null;
      const admission = webhook && this.ask(load, item, { webhook, now, waitsAlready: true });
      if (admission?.kind === "wait") return;
      if (webhook && admission) this.settle(load, item, { webhook, admission });
      else this.strike(load, item);
    }
  }

  /** Takes out of the queue what is not to be sent. */
  private strike(load: WebhookLoad, item: WaitingJob): void {
    load.waiting.remove(item);
    load.backlog.serve();
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
    // One that still wants a slot afterwards goes to the end of the set, where this loop meets it when there is room.
    for (const load of this.wantLane) {
      if (!this.lanes.hasRoom("fast")) return;
      this.wantLane.delete(load);
      this.pump(load);
    }
  }

  /** Takes up what stood still while the membership was in doubt. */
  private goOn(): void {
    const { outsiders, heldUp } = this;
    this.outsiders = [];
    this.heldUp = false;
    this.attempts.decide();
    for (const job of outsiders) this.submit(job);
    if (heldUp) for (const load of this.loads) this.pump(load);
  }

  private ended(load: WebhookLoad): void {
    // Its slot is the next one's in turn: with a deep queue it would take it back, and again, while others starve.
    if (this.wantLane.size > 0 && !load.isSlow(this.settings.now())) this.wantLane.add(load);
    else this.pump(load);
    this.noticeIdle(load);
    this.fillFastLane();
  }

  private noticeIdle(load: WebhookLoad): void {
    if (load.isIdle) this.busy.delete(load);
  }
}

function stopPacing(load: WebhookLoad): void {
  if (load.paceTimer) clearTimeout(load.paceTimer);
  load.paceTimer = null;
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
