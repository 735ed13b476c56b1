import type { DeliveryRecord, ParkReason, WebhookEntry } from "@waggle/contracts";
import { aWebhookEntry } from "@waggle/testing";
import type { AttemptEnd } from "./attempt-record";
import { DeliveryEngine, type EngineSettings } from "./delivery-engine";
import type { Job } from "./job";
import {
  DeliveryLog,
  DispatchMeter,
  Membership,
  type OutgoingRequest,
  Sender,
  type SendResult,
  Webhooks,
} from "./ports";
import { signingKey } from "./signature";
import type { Webhook } from "./webhook";

/** A delivery that is due for its first attempt. */
export function aDelivery(overrides: Partial<DeliveryRecord> = {}): DeliveryRecord {
  return {
    delivery_id: "dlv_1",
    event_id: "evt_1",
    webhook_id: "wh_1",
    tenant_id: "ten_1",
    event_type: "bounce",
    email_id: "msg_1",
    recipient: "customer@example.com",
    tags: [],
    dialect: "hiveku",
    accepted_at: Date.now(),
    publisher_id: false,
    test: false,
    round: 1,
    attempt: 1,
    park: 0,
    park_reason: null,
    park_position: null,
    due_at: Date.now(),
    first_due_at: Date.now(),
    min_webhook_version: 1,
    inbound_hash: null,
    traceparent: null,
    body: Buffer.from("{}"),
    ...overrides,
  };
}

/** A webhook whose secrets are open. */
export function aWebhook(overrides: Partial<WebhookEntry> = {}): Webhook {
  const entry = aWebhookEntry({ id: "wh_1", tenant_id: "ten_1", url: "https://receiver.acme.com/wh_1", ...overrides });
  return { entry, keys: [signingKey("a-secret-of-sixteen", null)], headers: {} };
}

export const ok: SendResult = answer(200);

export function answer(status_code: number, retry_after: string | null = null): SendResult {
  return {
    result: { status_code, retry_after },
    response_headers: {},
    response_body: "",
    response_truncated: false,
  };
}

export function failure(error: Extract<SendResult["result"], { error: unknown }>["error"]): SendResult {
  return { result: { error }, response_headers: {}, response_body: null, response_truncated: false };
}

export function takes(ms: number, result: SendResult): Promise<SendResult> {
  return new Promise((resolve) => setTimeout(() => resolve(result), ms));
}

/** A receiver that never answers: the attempt ends by its own timeout. */
export function hang(request: OutgoingRequest): Promise<SendResult> {
  return takes(request.timeoutMs, failure("timeout"));
}

const MOMENT_MS = 50;

type Receiver = (request: OutgoingRequest) => Promise<SendResult>;
type Output = Parameters<DeliveryLog["write"]>[0];

export class FakeJob implements Job {
  readonly partition = 3;
  owned = true;
  timesDone = 0;
  timesEnded = 0;

  constructor(
    readonly delivery: DeliveryRecord,
    readonly bytes = 1_000,
  ) {}

  end(): void {
    this.timesEnded += 1;
  }

  done(): void {
    this.timesDone += 1;
  }
}

export class FakeWebhooks extends Webhooks {
  readonly known = new Map<string, Webhook | "deleted">();
  readonly minRounds = new Map<string, number>();

  find(webhookId: string): Webhook | "deleted" | "unknown" {
    return this.known.get(webhookId) ?? "unknown";
  }

  minRound(deliveryId: string): number {
    return this.minRounds.get(deliveryId) ?? 0;
  }
}

class FakeSender extends Sender {
  readonly requests: { readonly request: OutgoingRequest; readonly at: number }[] = [];
  readonly receivers = new Map<string, Receiver>();
  /** Requests under way, and the most there ever were, by URL. */
  readonly open = new Map<string, number>();
  readonly most = new Map<string, number>();

  async send(request: OutgoingRequest): Promise<SendResult> {
    const { url } = request;
    this.requests.push({ request, at: Date.now() });
    const open = (this.open.get(url) ?? 0) + 1;
    this.open.set(url, open);
    this.most.set(url, Math.max(open, this.most.get(url) ?? 0));
    const result = await (this.receivers.get(url) ?? (() => takes(10, ok)))(request);
    this.open.set(url, (this.open.get(url) ?? 0) - 1);
    return result;
  }
}

class FakeLog extends DeliveryLog {
  readonly outputs: Output[] = [];
  onWrite: (output: Output) => Promise<void> = () => Promise.resolve();

  write(output: Output): Promise<void> {
    this.outputs.push(output);
    return this.onWrite(output);
  }
}

class FakeMembership extends Membership {
  member = true;
  kept = true;

  isKept(): boolean {
    return this.kept;
  }

  isMember(): boolean {
    return this.member;
  }
}

class FakeMeter extends DispatchMeter {
  readonly attempts: AttemptEnd[] = [];
  readonly parks: ParkReason[] = [];

  attempted(_delivery: DeliveryRecord, _entry: WebhookEntry, end: AttemptEnd): void {
    this.attempts.push(end);
  }

  parked(reason: ParkReason): void {
    this.parks.push(reason);
  }
}

/** An engine between fakes, on Jest's fake clock, swept as it is in life. */
export class EngineRig {
  readonly webhooks = new FakeWebhooks();
  readonly sender = new FakeSender();
  readonly log = new FakeLog();
  readonly membership = new FakeMembership();
  readonly meter = new FakeMeter();
  readonly fatal: unknown[] = [];
  readonly engine: DeliveryEngine;
  private made = 0;

  constructor(settings: Partial<EngineSettings> = {}) {
    const { webhooks, sender, log, membership, meter } = this;
    let tries = 0;
    this.engine = new DeliveryEngine(
      { webhooks, sender, log, membership, meter },
      {
        userAgent: "waggle/0.0.0",
        defaultTimeoutMs: 10_000,
        timeScale: 1,
        now: Date.now,
        newTryId: () => `try_${tries++}`,
        ownDelayMs: () => 0,
        isSaturated: () => false,
        lanes: { slots: { fast: 256, slow: 512 }, bytes: 48_000_000 },
        waiting: { records: 10_000, bytes: 48_000_000 },
        processId: "p1",
        onFatal: (error) => this.fatal.push(error),
        ...settings,
      },
    );
    setInterval(() => this.engine.sweep(), 100);
  }

  /** Makes a webhook known, with a receiver at its own URL. */
  webhook(overrides: Partial<WebhookEntry> = {}, receiver?: Receiver): Webhook {
    const id = overrides.id ?? "wh_1";
    const webhook = aWebhook({ id, url: `https://receiver.acme.com/${id}`, ...overrides });
    this.webhooks.known.set(id, webhook);
    if (receiver) this.sender.receivers.set(webhook.entry.url, receiver);
    return webhook;
  }

  submit(overrides: Partial<DeliveryRecord> = {}, bytes?: number): FakeJob {
    this.made += 1;
    const job = new FakeJob(aDelivery({ delivery_id: `dlv_${this.made}`, ...overrides }), bytes);
    this.engine.submit(job);
    return job;
  }

  submitMany(count: number, overrides: Partial<DeliveryRecord> = {}): FakeJob[] {
    return Array.from({ length: count }, () => this.submit(overrides));
  }

  /** From now on what is put on a tier comes back once it is due, as a record of its own. */
  returnWhatIsDue(): void {
    const returning = new Map<number, DeliveryRecord[]>();
    this.log.onWrite = async ({ next }) => {
      if (!next) return;
      // One timer for what comes back within the same moment: Jest's fake clock is slow with thousands.
      const at = Math.ceil(next.delivery.due_at / MOMENT_MS) * MOMENT_MS;
      const together = returning.get(at) ?? [];
      together.push(next.delivery);
      if (together.length > 1) return;
      returning.set(at, together);
      setTimeout(() => {
        returning.delete(at);
        for (const delivery of together) this.engine.submit(new FakeJob(delivery));
      }, at - Date.now());
    };
  }

  /** Attempts in flight now, by lane. */
  get lanes() {
    return { fast: this.engine.inFlightIn("fast"), slow: this.engine.inFlightIn("slow") };
  }

  /** What was put on tiers so far. */
  get put() {
    return this.log.outputs.flatMap(({ next }) => next ?? []);
  }

  /** The attempt records written so far. */
  get attempts() {
    return this.log.outputs.flatMap(({ attempt }) => attempt ?? []);
  }
}
