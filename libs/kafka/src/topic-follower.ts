import type { ReceivedRecord } from "@waggle/contracts";
import type { Consumer, EachBatchPayload, Kafka } from "kafkajs";
import type { KafkaLogger } from "./connection";
import { SoleReader } from "./sole-reader";

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
  private readonly reader: SoleReader;
  /** The offset to read next, by partition: where a consumer goes on that had to join its group anew. */
  private readonly next = new Map<number, string>();

  constructor(private readonly options: TopicFollowerOptions) {
    this.reader = new SoleReader({
      kafka: options.kafka,
      topic: options.topic,
      groupPrefix: `waggle-follower-${options.reader}`,
      event: "follower",
      maxWaitMs: 1_000,
      fromBeginning: false,
      logger: options.logger,
      onBatch: (payload) => this.read(payload),
      onJoin: (consumer) => this.seek(consumer),
      onFatal: options.onFatal,
    });
  }

  /** Resolves when it is certain that all that is written from then on will be handed out; waits for Kafka. */
  async start(): Promise<void> {
    for (const { partition, high } of (await this.reader.offsets()) ?? []) this.next.set(partition, high);
    await this.reader.start();
  }

  /** Hands out nothing any more from the moment of the call. */
  stop(): Promise<void> {
    return this.reader.stop();
  }

  /** Nothing is committed, so whoever joins, for the first time or again, is told where to read. */
  private seek(consumer: Consumer): void {
    for (const [partition, offset] of this.next) consumer.seek({ topic: this.options.topic, partition, offset });
  }

  private read({ batch, resolveOffset }: EachBatchPayload): void {
    if (this.reader.isStopped) return;
    const from = BigInt(this.next.get(batch.partition) ?? 0);
    // What was handed out before a consumer had to be replaced is not shown again.
    const news = batch.messages.filter(({ offset }) => BigInt(offset) >= from);
    if (news.length > 0) this.options.onRecords(news.map(({ key, value }) => ({ key, value })));
    resolveOffset(batch.lastOffset());
    this.next.set(batch.partition, String(BigInt(batch.lastOffset()) + 1n));
  }
}
