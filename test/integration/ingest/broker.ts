import { randomUUID } from "node:crypto";
import {
  type ApiKeyEntry,
  decodeEmailEvent,
  EMAIL_EVENTS,
  encodeDirectoryRecord,
  TOPICS,
  type WireRecord,
} from "@waggle/contracts";
import type { EmailEvent } from "@waggle/domain";
import { BatchingProducer, createKafka, ensureTopics } from "@waggle/kafka";
import { generateApiKey, hashApiKey } from "@waggle/secrets";
import { createLogger } from "@waggle/service";
import { eventually } from "@waggle/testing";

const logger = createLogger("test", "silent");

/** An event as it was read back, with the key and the partition that decide its order. */
export interface StoredEvent {
  readonly event: EmailEvent;
  readonly key: string;
  readonly partition: number;
}

/** What a test does to Kafka itself: the topics, the keys that ingest knows, what was stored. */
export class Broker {
  private readonly kafka;
  private readonly producer: BatchingProducer;
  private version = Date.now();

  private constructor(brokers: readonly string[]) {
    this.kafka = createKafka({ brokers, ssl: false, sasl: null, clientId: "test", logger });
    this.producer = new BatchingProducer({ kafka: this.kafka, logger });
  }

  static async at(brokers: readonly string[]): Promise<Broker> {
    const broker = new Broker(brokers);
    await ensureTopics(broker.kafka, TOPICS, 1);
    await broker.producer.connect();
    return broker;
  }

  /** A new API key, known to every ingest that has read the directory so far. */
  async addKey(tenantId: string, more: Partial<Pick<ApiKeyEntry, "scopes" | "expires_at">> = {}): Promise<string> {
    const key = generateApiKey();
    const id = `key_${randomUUID()}`;
    await this.write(
      encodeDirectoryRecord({
        kind: "api-key",
        id: hashApiKey(key),
        entry: {
          version: this.version++,
          deleted: false,
          id,
          tenant_id: tenantId,
          scopes: ["publish"],
          expires_at: null,
          ...more,
        },
      }),
    );
    return key;
  }

  async deleteKey(key: string): Promise<void> {
    const entry = { version: this.version++, deleted: true as const, deleted_at: Date.now() };
    await this.write(encodeDirectoryRecord({ kind: "api-key", id: hashApiKey(key), entry }));
  }

  /** Everything a tenant has published so far, per partition in the order stored. */
  async stored(tenantId: string): Promise<StoredEvent[]> {
    const end = await this.endOffsets();
    const stored: StoredEvent[] = [];
    if (end.size === 0) return stored;
    const consumer = this.kafka.consumer({ groupId: `test-${randomUUID()}`, maxWaitTimeInMs: 100 });
    await consumer.connect();
    await consumer.subscribe({ topics: [EMAIL_EVENTS], fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      const eachMessage = async ({ partition, message }: { partition: number; message: Message }) => {
        const event = readable(message);
        if (event?.tenant_id === tenantId) stored.push({ event, key: String(message.key), partition });
        if (Number(message.offset) + 1 >= (end.get(partition) ?? 0)) end.delete(partition);
        if (end.size === 0) resolve();
      };
      consumer.run({ autoCommit: false, eachMessage }).catch(reject);
    });
    await consumer.disconnect();
    return stored;
  }

  async close(): Promise<void> {
    await this.producer.disconnect();
  }

  private async write(record: WireRecord): Promise<void> {
    await this.producer.send([record]);
  }

  /** The end of every partition that holds anything. */
  private async endOffsets(): Promise<Map<number, number>> {
    const admin = this.kafka.admin();
    await admin.connect();
    // A broker that was frozen says for a moment that it leads nothing.
    const offsets = await eventually("the end of the topic", () =>
      admin.fetchTopicOffsets(EMAIL_EVENTS).catch(() => null),
    );
    await admin.disconnect();
    const filled = offsets.filter(({ low, high }) => Number(high) > Number(low));
    return new Map(filled.map(({ partition, high }) => [partition, Number(high)]));
  }
}

interface Message {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly offset: string;
}

/** Null for what another spec wrote to be undecodable: the topic is everybody's. */
function readable(message: Message): EmailEvent | null {
  try {
    return decodeEmailEvent(message);
  } catch {
    return null;
  }
}
