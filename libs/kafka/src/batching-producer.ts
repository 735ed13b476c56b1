import { TOPICS, type WireRecord } from "@waggle/contracts";
import type { Kafka, TopicMessages } from "kafkajs";
import { Cadence, type CadenceOptions } from "./cadence";
import { CheckedProducer } from "./checked-producer";
import type { KafkaLogger } from "./connection";
import { isRefusedForGood, produceError } from "./produce-error";
import { recordBytes, type SendGroup, SendQueue } from "./send-queue";
import { backoff, untilAnswered } from "./until-answered";

export interface BatchingProducerOptions {
  readonly kafka: Kafka;
  readonly logger: KafkaLogger;
  /** Records of one request to Kafka. Default 2,000. */
  readonly maxBatchRecords?: number;
  /**
   * Bytes of one request; one `send` may be larger. Default 960 KiB: all of a batch may fall on one partition, and the
   * broker refuses what exceeds the topic's `max.message.bytes`, of which the smallest is 1 MiB.
   */
  readonly maxBatchBytes?: number;
  /** Bytes that may wait; beyond, `send` with a deadline rejects at once. Default 64 MiB. */
  readonly maxPendingBytes?: number;
  /** How often requests are made; what comes in between is gathered. By default as soon as the last is answered. */
  readonly every?: CadenceOptions;
  /** For records that nobody waits for: each waits this many milliseconds for others, until so many are there. */
  readonly linger?: { readonly ms: number; readonly records: number };
}

export interface SendOptions {
  /** Milliseconds after which the caller is told `kafka_unavailable`; without, the send is retried for ever. */
  readonly deadlineMs?: number;
}

const DEFAULTS = {
  maxBatchRecords: 2_000,
  maxBatchBytes: 960 * 1_024,
  maxPendingBytes: 64 * 1_048_576,
  every: { leastMs: 0, mostMs: 0 },
} as const;
const EXPIRY_CHECK_MS = 50;
const GOODBYE_MS = 1_000;
const MAX_RECORD_BYTES = new Map(TOPICS.map(({ name, maxMessageBytes }) => [name, maxMessageBytes]));

/**
 * An idempotent producer that batches by itself: it sends at once when idle and gathers while a request is under way.
 * After any rejected request its kafkajs producer is replaced, and the new one sends that batch again, first.
 */
export class BatchingProducer {
  private readonly queue: SendQueue;
  private readonly maxPendingBytes: number;
  private readonly cadence: Cadence;
  private producer: Promise<CheckedProducer> | null = null;
  private running: Promise<void> | null = null;
  private inFlight: readonly SendGroup[] = [];
  private expiryTimer: NodeJS.Timeout | null = null;
  private wake: (() => void) | null = null;
  private closed = false;

  constructor(private readonly options: BatchingProducerOptions) {
    const { maxBatchRecords, maxBatchBytes, maxPendingBytes, every } = { ...DEFAULTS, ...options };
    this.queue = new SendQueue({ records: maxBatchRecords, bytes: maxBatchBytes });
    this.maxPendingBytes = maxPendingBytes;
    this.cadence = new Cadence(every);
  }

  /** Connects ahead of the first send. Resolves when Kafka answered. */
  async connect(): Promise<void> {
    const { logger } = this.options;
    await untilAnswered(() => this.connected(), {
      logger,
      event: "producer.connect_failed",
      givenUp: () => this.closed,
    });
  }

  /**
   * Writes all records in one request to Kafka, or none of them. Resolves when all in-sync replicas have them.
   * @throws WaggleError `kafka_unavailable` (the outcome is unknown) or `record_too_large` (nothing was written)
   */
  async send(records: readonly WireRecord[], options: SendOptions = {}): Promise<void> {
    if (records.length === 0) return;
    if (this.closed) throw produceError("kafka_unavailable", "the producer is closed");
    const bytes = totalBytes(records);
    if (this.queue.bytes + bytes > this.maxPendingBytes && !this.queue.isEmpty && options.deadlineMs !== undefined) {
      throw produceError("kafka_unavailable", "too much is waiting for Kafka");
    }
    await new Promise<void>((resolve, reject) => {
      const expiresAt = options.deadlineMs === undefined ? null : Date.now() + options.deadlineMs;
      this.queue.push({ records, bytes, expiresAt, resolve, reject });
      if (this.queue.records >= (this.options.linger?.records ?? 0)) this.wake?.();
      if (expiresAt !== null) this.watchExpiry();
      this.running ??= this.run();
    });
  }

  /** Resolves when nothing waits or is under way. */
  async drain(): Promise<void> {
    while (this.running) await this.running;
  }

  /** Refuses further sends and closes the connection; what was not acknowledged is rejected. Drain first. */
  async disconnect(): Promise<void> {
    this.closed = true;
    this.queue.abandon("the producer was closed");
    for (const group of this.inFlight) group.reject(produceError("kafka_unavailable", "the producer was closed"));
    if (this.expiryTimer) clearTimeout(this.expiryTimer);
    let timer: NodeJS.Timeout | undefined;
    const longEnough = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, GOODBYE_MS);
    });
    await Promise.race([this.replaceProducer(), longEnough]);
    clearTimeout(timer);
  }

  private async run(): Promise<void> {
    // One turn of the event loop, so that sends made together go together.
    await new Promise((resolve) => setImmediate(resolve));
    while (!this.queue.isEmpty && !this.closed) {
      await this.others();
      await this.myTurn();
      const batch = this.queue.take();
      if (batch.length === 0) continue;
      this.cadence.carried(batch.reduce((sum, { records }) => sum + records.length, 0));
      this.inFlight = batch;
      await this.deliver(batch);
      this.inFlight = [];
    }
    this.running = null;
  }

  private async others(): Promise<void> {
    const { linger } = this.options;
    if (!linger || this.queue.records >= linger.records) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, linger.ms);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.wake = null;
  }

  private async myTurn(): Promise<void> {
    const waitMs = this.cadence.waitMs(performance.now());
    if (waitMs >= 1) await new Promise((resolve) => setTimeout(resolve, waitMs));
    this.cadence.begin(performance.now());
  }

  private async deliver(batch: readonly SendGroup[]): Promise<void> {
    for (let attempt = 0; !this.closed; attempt++) {
      try {
        const producer = await this.connected();
        await producer.send(byTopic(batch));
        for (const group of batch) group.resolve();
        return;
      } catch (error) {
        void this.replaceProducer();
        if (isRefusedForGood(error)) return this.deliverOneByOne(batch, error);
        this.options.logger.warn({ err: error, groups: batch.length, attempt }, "producer.send_failed");
        await backoff(attempt);
      }
    }
  }

  /** Finds the group that the broker refuses, so that the others of its batch are written. */
  private async deliverOneByOne(batch: readonly SendGroup[], refusal: unknown): Promise<void> {
    const [only, ...others] = batch;
    if (only && others.length === 0) {
      only.reject(produceError("record_too_large", "Kafka refused the records for their size or form", refusal));
      return;
    }
    for (const group of batch) await this.deliver([group]);
  }

  private async connected(): Promise<CheckedProducer> {
    const connecting = this.producer ?? CheckedProducer.connect(this.options.kafka);
    this.producer = connecting;
    try {
      return await connecting;
    } catch (error) {
      if (this.producer === connecting) this.producer = null;
      throw error;
    }
  }

  /** The next send gets a new producer. Resolves when the old one is closed. */
  private async replaceProducer(): Promise<void> {
    const replaced = this.producer;
    this.producer = null;
    await replaced?.then((producer) => producer.close()).catch(() => undefined);
  }

  /** One timer for all deadlines: a timer per send would cost more than the send. */
  private watchExpiry(): void {
    this.expiryTimer ??= setTimeout(() => {
      this.expiryTimer = null;
      this.expire(Date.now());
      if (this.running) this.watchExpiry();
    }, EXPIRY_CHECK_MS);
  }

  private expire(now: number): void {
    this.queue.expire(now);
    // What is under way may still be written, and is sent until it is; only its caller stops waiting.
    for (const group of this.inFlight) {
      if (group.expiresAt !== null && group.expiresAt <= now) {
        group.reject(produceError("kafka_unavailable", "Kafka did not acknowledge in time"));
      }
    }
  }
}

/** A record that its topic never takes is refused here: beside others in a request it would be refused alone. */
function totalBytes(records: readonly WireRecord[]): number {
  let total = 0;
  for (const record of records) {
    const bytes = recordBytes(record);
    if (bytes > (MAX_RECORD_BYTES.get(record.topic) ?? Number.POSITIVE_INFINITY)) {
      throw produceError("record_too_large", `${record.topic} does not take records of ${bytes} bytes`);
    }
    total += bytes;
  }
  return total;
}

function byTopic(batch: readonly SendGroup[]): TopicMessages[] {
  const topics = new Map<string, TopicMessages>();
  for (const { records } of batch) {
    for (const { topic, key, value, headers, partition } of records) {
      const entry = topics.get(topic) ?? { topic, messages: [] };
      topics.set(topic, entry);
      entry.messages.push({
        key,
        value,
        ...(headers ? { headers } : {}),
        ...(partition === undefined ? {} : { partition }),
      });
    }
  }
  return [...topics.values()];
}
