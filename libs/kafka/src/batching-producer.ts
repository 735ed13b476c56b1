import type { WireRecord } from "@waggle/contracts";
import { CompressionTypes, type Kafka, Partitioners, type Producer, type TopicMessages } from "kafkajs";
import type { KafkaLogger } from "./connection";
import { isRefusedForGood, produceError } from "./produce-error";
import { recordBytes, type SendGroup, SendQueue } from "./send-queue";

export interface BatchingProducerOptions {
  readonly kafka: Kafka;
  readonly logger: KafkaLogger;
  /** Records of one request to Kafka. Default 2,000. */
  readonly maxBatchRecords?: number;
  /** Bytes of one request. Default 8 MiB; one `send` may be larger. */
  readonly maxBatchBytes?: number;
  /** Bytes that may wait; beyond, `send` rejects at once. Default 64 MiB. */
  readonly maxPendingBytes?: number;
}

export interface SendOptions {
  /** Milliseconds after which the caller is told `kafka_unavailable`; without, the send is retried for ever. */
  readonly deadlineMs?: number;
}

const MIB = 1_048_576;
const EXPIRY_CHECK_MS = 50;
const BACKOFF_MS = { first: 100, most: 2_000 } as const;

/**
 * An idempotent producer that batches by itself: it sends at once when idle and gathers while a request is under way.
 *
 * After any rejected request its kafkajs producer is discarded and a new one sends that batch again, first: kafkajs
 * rolls back the sequence numbers of records that may have been written, and a later batch under the same producer id
 * would be acknowledged without being stored.
 */
export class BatchingProducer {
  private readonly queue: SendQueue;
  private readonly maxPendingBytes: number;
  private producer: Producer | null = null;
  private running: Promise<void> | null = null;
  private inFlight: readonly SendGroup[] = [];
  private expiryTimer: NodeJS.Timeout | null = null;
  private closed = false;

  constructor(private readonly options: BatchingProducerOptions) {
    this.queue = new SendQueue({ records: options.maxBatchRecords ?? 2_000, bytes: options.maxBatchBytes ?? 8 * MIB });
    this.maxPendingBytes = options.maxPendingBytes ?? 64 * MIB;
  }

  /** Connects ahead of the first send. Resolves when Kafka answered. */
  async connect(): Promise<void> {
    for (let attempt = 0; !this.closed; attempt++) {
      try {
        this.producer = await this.newProducer();
        return;
      } catch (error) {
        this.options.logger.warn({ err: error }, "producer.connect_failed");
        await this.backoff(attempt);
      }
    }
  }

  /**
   * Writes all records in one request to Kafka, or none of them. Resolves when all in-sync replicas have them.
   * @throws WaggleError `kafka_unavailable` (the outcome is unknown) or `record_too_large` (nothing was written)
   */
  send(records: readonly WireRecord[], options: SendOptions = {}): Promise<void> {
    if (records.length === 0) return Promise.resolve();
    if (this.closed) return Promise.reject(produceError("kafka_unavailable", "the producer is closed"));
    const bytes = records.reduce((sum, record) => sum + recordBytes(record), 0);
    if (this.queue.bytes + bytes > this.maxPendingBytes && !this.queue.isEmpty && options.deadlineMs !== undefined) {
      return Promise.reject(produceError("kafka_unavailable", "too much is waiting for Kafka"));
    }
    return new Promise((resolve, reject) => {
      const expiresAt = options.deadlineMs === undefined ? null : Date.now() + options.deadlineMs;
      this.queue.push({ records, bytes, expiresAt, resolve, reject });
      if (expiresAt !== null) this.watchExpiry();
      this.running ??= this.run();
    });
  }

  /** Resolves when nothing waits or is under way. */
  async drain(): Promise<void> {
    while (this.running) await this.running;
  }

  /** Refuses further sends and closes the connection; what was not sent is rejected. Drain first. */
  async disconnect(): Promise<void> {
    this.closed = true;
    this.expireAll(Number.POSITIVE_INFINITY);
    await this.discardProducer();
  }

  private async run(): Promise<void> {
    // One turn of the event loop, so that sends made together go together.
    await new Promise((resolve) => setImmediate(resolve));
    while (!this.queue.isEmpty && !this.closed) {
      const batch = this.queue.take();
      this.inFlight = batch;
      await this.deliver(batch);
      this.inFlight = [];
    }
    this.running = null;
  }

  private async deliver(batch: readonly SendGroup[]): Promise<void> {
    for (let attempt = 0; !this.closed; attempt++) {
      try {
        this.producer ??= await this.newProducer();
        await this.producer.sendBatch({
          acks: -1,
          compression: CompressionTypes.None,
          topicMessages: byTopic(batch),
        });
        for (const group of batch) group.resolve();
        return;
      } catch (error) {
        await this.discardProducer();
        if (isRefusedForGood(error)) return this.deliverOneByOne(batch, error);
        this.options.logger.warn({ err: error, groups: batch.length, attempt }, "producer.send_failed");
        await this.backoff(attempt);
      }
    }
    for (const group of batch) group.reject(produceError("kafka_unavailable", "the producer was closed"));
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

  private async newProducer(): Promise<Producer> {
    const producer = this.options.kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner: Partitioners.DefaultPartitioner,
      retry: { initialRetryTime: 50, maxRetryTime: 500, retries: 3 },
    });
    try {
      await producer.connect();
      return producer;
    } catch (error) {
      await producer.disconnect().catch(() => undefined);
      throw error;
    }
  }

  private async discardProducer(): Promise<void> {
    const discarded = this.producer;
    this.producer = null;
    // A frozen broker never answers the goodbye, so nobody waits for it.
    discarded?.disconnect().catch(() => undefined);
  }

  private backoff(attempt: number): Promise<void> {
    const ms = Math.min(BACKOFF_MS.first * 2 ** attempt, BACKOFF_MS.most);
    return new Promise((resolve) => setTimeout(resolve, ms));
  }

  /** One timer for all deadlines: a timer per send would cost more than the send. */
  private watchExpiry(): void {
    this.expiryTimer ??= setTimeout(() => {
      this.expiryTimer = null;
      this.expireAll(Date.now());
      if (this.running) this.watchExpiry();
    }, EXPIRY_CHECK_MS);
  }

  private expireAll(now: number): void {
    this.queue.expire(now);
    // What is under way may still be written, and is sent until it is; only its caller stops waiting.
    for (const group of this.inFlight) {
      if (group.expiresAt !== null && group.expiresAt <= now) {
        group.reject(produceError("kafka_unavailable", "Kafka did not acknowledge in time"));
      }
    }
  }
}

function byTopic(batch: readonly SendGroup[]): TopicMessages[] {
  const topics = new Map<string, TopicMessages>();
  for (const group of batch) {
    for (const record of group.records) {
      let entry = topics.get(record.topic);
      if (!entry) {
        entry = { topic: record.topic, messages: [] };
        topics.set(record.topic, entry);
      }
      entry.messages.push({
        key: record.key,
        value: record.value,
        ...(record.headers ? { headers: record.headers } : {}),
        ...(record.partition === undefined ? {} : { partition: record.partition }),
      });
    }
  }
  return [...topics.values()];
}
