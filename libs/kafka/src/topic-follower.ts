import { randomUUID } from "node:crypto";
import type { ReceivedRecord } from "@waggle/contracts";
import type { Consumer, EachBatchPayload, Kafka } from "kafkajs";
import type { KafkaLogger } from "./connection";
import { untilAnswered } from "./until-answered";

export interface TopicFollowerOptions {
  readonly kafka: Kafka;
  readonly topic: string;
  /** Who reads: part of the name of its consumer group. */
  readonly reader: string;
  readonly logger: KafkaLogger;
  /** Gets what one fetch brought for one partition; must neither wait nor throw. */
  readonly onRecords: (records: readonly FollowedRecord[]) => void;
  readonly onFatal: (reason: string) => void;
}

export type FollowedRecord = Pick<ReceivedRecord, "key" | "value">;

/**
 * Shows a process everything that is written to a topic from now on, whatever others read of it: all partitions, under
 * a group id of its own, of which nothing stays behind. For looking on; nothing is committed.
 */
export class TopicFollower {
  private consumer: Consumer | null = null;
  /** The offset to read next, by partition: where a consumer goes on that had to join its group anew. */
  private readonly next = new Map<number, string>();
  private stopped = false;

  constructor(private readonly options: TopicFollowerOptions) {}

  /** Resolves when it is certain that all that is written from then on will be handed out; waits for Kafka. */
  async start(): Promise<void> {
    for (const { partition, high } of (await this.ends()) ?? []) this.next.set(partition, high);
    await this.follow();
  }

  /** Hands out nothing any more from the moment of the call. */
  async stop(): Promise<void> {
    this.stopped = true;
    await this.consumer?.disconnect();
  }

  private async ends(): Promise<readonly { readonly partition: number; readonly high: string }[] | null> {
    const { kafka, topic, logger } = this.options;
    const admin = kafka.admin();
    const ask = async () => {
      await admin.connect();
      return admin.fetchTopicOffsets(topic);
    };
    const ends = await untilAnswered(ask, { logger, event: "follower.unavailable", givenUp: () => this.stopped });
    await admin.disconnect();
    return ends;
  }

  private async follow(): Promise<void> {
    const { logger } = this.options;
    const givenUp = () => this.stopped;
    await untilAnswered(() => this.consume(), { logger, event: "follower.unavailable", givenUp });
  }

  private async consume(): Promise<void> {
    const { kafka, topic, reader, logger, onFatal } = this.options;
    const consumer = kafka.consumer({
      groupId: `waggle-follower-${reader}-${randomUUID()}`,
      sessionTimeout: 10_000,
      heartbeatInterval: 2_500,
      maxWaitTimeInMs: 250,
      allowAutoTopicCreation: false,
      retry: { initialRetryTime: 100, maxRetryTime: 1_000, retries: 3, restartOnFailure: async () => false },
    });
    // Nothing is committed, so whoever joins, for the first time or again, is told where to read.
    consumer.on(consumer.events.GROUP_JOIN, () => {
      for (const [partition, offset] of this.next) consumer.seek({ topic, partition, offset });
    });
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      if (this.stopped) return;
      logger.warn({ err: payload.error, topic }, "follower.consumer_crashed");
      this.follow().catch(() => onFatal(`${topic} can no longer be followed`));
    });
    this.consumer = consumer;
    try {
      await consumer.connect();
      await consumer.subscribe({ topics: [topic], fromBeginning: false });
    } catch (error) {
      await consumer.disconnect();
      throw error;
    }
    // Told to stop while it connected, it may have missed that.
    if (this.stopped) return consumer.disconnect();
    await consumer.run({ autoCommit: false, eachBatch: async (payload) => this.read(payload) });
  }

  private read({ batch, resolveOffset }: EachBatchPayload): void {
    if (this.stopped) return;
    const from = BigInt(this.next.get(batch.partition) ?? 0);
    // What was handed out before a consumer had to be replaced is not shown again.
    const news = batch.messages.filter(({ offset }) => BigInt(offset) >= from);
    if (news.length > 0) this.options.onRecords(news.map(({ key, value }) => ({ key, value })));
    resolveOffset(batch.lastOffset());
    this.next.set(batch.partition, String(BigInt(batch.lastOffset()) + 1n));
  }
}
