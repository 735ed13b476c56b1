import { randomUUID } from "node:crypto";
import type { ReceivedRecord } from "@waggle/contracts";
import type { Consumer, IHeaders, Kafka } from "kafkajs";
import { eventually } from "./eventually";

/** Everything that is in some topics, and what arrives while a test runs. */
export class TopicTail {
  readonly records: ReceivedRecord[] = [];

  private constructor(private readonly consumer: Consumer) {}

  static async open(kafka: Kafka, topics: readonly string[]): Promise<TopicTail> {
    const consumer = kafka.consumer({ groupId: `test-${randomUUID()}`, maxWaitTimeInMs: 50 });
    const tail = new TopicTail(consumer);
    await consumer.connect();
    await consumer.subscribe({ topics: [...topics], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachMessage: async ({ topic, partition, message }) => {
        const { offset, key, value, headers } = message;
        tail.records.push({ topic, partition, offset: Number(offset), key, value, headers: singleHeaders(headers) });
      },
    });
    return tail;
  }

  /** The records that `wanted` picks, once there are at least `count`. */
  async until(
    what: string,
    wanted: (record: ReceivedRecord) => boolean,
    count = 1,
    timeoutMs = 20_000,
  ): Promise<ReceivedRecord[]> {
    return eventually(
      `${count} × ${what}`,
      () => {
        const found = this.records.filter(wanted);
        return found.length >= count && found;
      },
      timeoutMs,
    );
  }

  async close(): Promise<void> {
    await this.consumer.disconnect();
  }
}

function singleHeaders(headers: IHeaders = {}): Record<string, Buffer> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => {
      const last = Array.isArray(value) ? value.at(-1) : value;
      return last === undefined ? [] : [[name, Buffer.from(last)]];
    }),
  );
}
