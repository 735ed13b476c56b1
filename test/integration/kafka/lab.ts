import { randomUUID } from "node:crypto";
import {
  type ConsumedRecord,
  createKafka,
  ensureTopics,
  WatermarkConsumer,
  type WatermarkConsumerOptions,
} from "@waggle/kafka";
import { createLogger } from "@waggle/service";
import { eventually, testBrokers } from "@waggle/testing";
import type { Admin, Kafka } from "kafkajs";

export const silent = createLogger("test", "silent");

export function client(brokers: readonly string[] = testBrokers(), requestTimeoutMs = 8_000): Kafka {
  return createKafka({ brokers, ssl: false, sasl: null, clientId: "test", logger: silent, requestTimeoutMs });
}

/** A name nothing else in the run uses. */
export function unique(what: string): string {
  return `${what}-${randomUUID()}`;
}

export async function newTopic(kafka: Kafka, partitions = 1, maxMessageBytes = 1_048_576): Promise<string> {
  const name = unique("topic");
  const spec = { name, partitions, cleanup: "delete" as const, retentionMs: 3_600_000, maxMessageBytes };
  await ensureTopics(kafka, [spec], 1);
  return name;
}

/** Asks the broker once, over a connection of its own. */
export async function ask<Answer>(kafka: Kafka, question: (admin: Admin) => Promise<Answer>): Promise<Answer> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    return await question(admin);
  } finally {
    await admin.disconnect();
  }
}

/** The offsets a group has committed in a topic, by partition. */
export async function committed(kafka: Kafka, groupId: string, topic: string): Promise<number[]> {
  const [offsets] = await ask(kafka, (admin) => admin.fetchOffsets({ groupId, topics: [topic] }));
  const positions: number[] = [];
  for (const { partition, offset } of offsets?.partitions ?? []) positions[partition] = Number(offset);
  return positions;
}

/** A member of a consumer group in this process, and what it was handed. */
export class Member {
  readonly records: ConsumedRecord[] = [];
  readonly failures: string[] = [];
  readonly consumer: WatermarkConsumer;

  /** @param options what differs from a member that keeps everything it is handed */
  constructor(
    options: Pick<WatermarkConsumerOptions, "kafka" | "groupId" | "topics"> & Partial<WatermarkConsumerOptions>,
  ) {
    this.consumer = new WatermarkConsumer({
      logger: silent,
      limits: { records: 10_000, bytes: 100_000_000 },
      sessionTimeoutMs: 6_000,
      maxWaitMs: 50,
      onFatal: (reason) => this.failures.push(reason),
      onRecords: (records) => this.records.push(...records),
      ...options,
    });
  }

  static async start(options: ConstructorParameters<typeof Member>[0]): Promise<Member> {
    const member = new Member(options);
    await member.consumer.start();
    return member;
  }

  /** The partition numbers it owns now. */
  get partitions(): number[] {
    return [...new Set(this.consumer.assigned.map(({ partition }) => partition))].sort((a, b) => a - b);
  }

  async until(count: number): Promise<ConsumedRecord[]> {
    return eventually(`${count} records`, () => this.records.length >= count && this.records, 30_000);
  }

  /** Leaves the group without waiting for what is out. */
  async leave(): Promise<void> {
    await this.consumer.stop(async () => undefined);
  }
}
