import { randomUUID } from "node:crypto";
import type { Consumer, EachBatchPayload, Kafka } from "kafkajs";
import type { KafkaLogger } from "./connection";
import { OffsetLookup } from "./offset-lookup";
import { untilAnswered } from "./until-answered";

export interface SoleReaderOptions {
  readonly kafka: Kafka;
  readonly topic: string;
  /** What the names of its groups begin with. */
  readonly groupPrefix: string;
  /** What its log events begin with. */
  readonly event: string;
  readonly maxWaitMs: number;
  /** Where a consumer begins that is not told otherwise in `onJoin`. */
  readonly fromBeginning: boolean;
  readonly logger: KafkaLogger;
  readonly onBatch: (payload: EachBatchPayload) => void;
  /** A consumer has joined its group, for the first time or again, and may be told where to read. */
  readonly onJoin?: (consumer: Consumer) => void;
  readonly onFatal: (reason: string) => void;
}

/**
 * Reads a whole topic for one process, whatever others read of it: all partitions, nothing committed. A consumer that
 * crashed is replaced by one of another group: in its old group kafkajs would have to wait until the session of the
 * member that it was has expired.
 */
export class SoleReader {
  private consumer: Consumer | null = null;
  private stopped = false;

  constructor(private readonly options: SoleReaderOptions) {}

  get isStopped(): boolean {
    return this.stopped;
  }

  /**
   * Where each partition begins and ends now; null when stopped meanwhile. A topic that was just created has no leader
   * yet, and a broker may still be starting: this asks until it is told.
   */
  async offsets(): Promise<Awaited<ReturnType<OffsetLookup["fetchTopicOffsets"]>> | null> {
    const { kafka, topic } = this.options;
    const lookup = new OffsetLookup(kafka);
    const offsets = await this.untilAnswered(() => lookup.fetchTopicOffsets(topic));
    await lookup.disconnect();
    return offsets;
  }

  /** Resolves when it reads; waits for Kafka. */
  async start(): Promise<void> {
    await this.untilAnswered(() => this.consume());
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.consumer?.disconnect();
  }

  private async consume(): Promise<void> {
    const { kafka, topic, groupPrefix, event, maxWaitMs, fromBeginning, logger, onBatch, onJoin, onFatal } =
      this.options;
    const consumer = kafka.consumer({
      groupId: `${groupPrefix}-${randomUUID()}`,
      sessionTimeout: 10_000,
      heartbeatInterval: 2_500,
      maxWaitTimeInMs: maxWaitMs,
      allowAutoTopicCreation: false,
      retry: { initialRetryTime: 100, maxRetryTime: 1_000, retries: 3, restartOnFailure: async () => false },
    });
    consumer.on(consumer.events.GROUP_JOIN, () => onJoin?.(consumer));
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      if (this.stopped) return;
      logger.warn({ err: payload.error, topic }, `${event}.consumer_crashed`);
      this.start().catch(() => onFatal(`${topic} can no longer be read`));
    });
    this.consumer = consumer;
    try {
      await consumer.connect();
      await consumer.subscribe({ topics: [topic], fromBeginning });
    } catch (error) {
      await consumer.disconnect();
      throw error;
    }
    // Told to stop while it connected, it may have missed that.
    if (this.stopped) return consumer.disconnect();
    await consumer.run({ autoCommit: false, eachBatch: async (payload) => onBatch(payload) });
  }

  private untilAnswered<Answer>(ask: () => Promise<Answer>): Promise<Answer | null> {
    const { logger, event } = this.options;
    return untilAnswered(ask, { logger, event: `${event}.unavailable`, givenUp: () => this.stopped });
  }
}
