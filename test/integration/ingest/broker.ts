import { randomUUID } from "node:crypto";
import {
  type ApiKeyEntry,
  decodeEmailEvent,
  decodeInboundMail,
  EMAIL_EVENTS,
  EMAIL_INBOUND,
  encodeDirectoryRecord,
  type InboundMail,
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

  /** A new inbound address; resolves to its hash. */
  async addAddress(tenantId: string): Promise<string> {
    const hash = randomUUID().replaceAll("-", "");
    const entry = { version: this.version++, deleted: false as const, hash, tenant_id: tenantId };
    await this.write(encodeDirectoryRecord({ kind: "inbound", id: hash, entry }));
    return hash;
  }

  async deleteAddress(hash: string): Promise<void> {
    const entry = { version: this.version++, deleted: true as const, deleted_at: Date.now() };
    await this.write(encodeDirectoryRecord({ kind: "inbound", id: hash, entry }));
  }

  /** Everything a tenant has published so far, per partition in the order stored. */
  async stored(tenantId: string): Promise<StoredEvent[]> {
    const stored: StoredEvent[] = [];
    await this.read(EMAIL_EVENTS, (partition, message) => {
      const event = readable(message);
      if (event?.tenant_id === tenantId) stored.push({ event, key: String(message.key), partition });
    });
    return stored;
  }

  /** All mail for a tenant so far. */
  async storedMail(tenantId: string): Promise<InboundMail[]> {
    const stored: InboundMail[] = [];
    await this.read(EMAIL_INBOUND, (_partition, message) => {
      const mail = readableMail(message);
      if (mail?.tenant_id === tenantId) stored.push(mail);
    });
    return stored;
  }

  async close(): Promise<void> {
    await this.producer.disconnect();
  }

  private async write(record: WireRecord): Promise<void> {
    await this.producer.send([record]);
  }

  /** Hands over all that the topic holds now. */
  private async read(topic: string, take: (partition: number, message: Message) => void): Promise<void> {
    const end = await this.endOffsets(topic);
    if (end.size === 0) return;
    const consumer = this.kafka.consumer({ groupId: `test-${randomUUID()}`, maxWaitTimeInMs: 100 });
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      const eachMessage = async ({ partition, message }: { partition: number; message: Message }) => {
        take(partition, message);
        if (Number(message.offset) + 1 >= (end.get(partition) ?? 0)) end.delete(partition);
        if (end.size === 0) resolve();
      };
      consumer.run({ autoCommit: false, eachMessage }).catch(reject);
    });
    await consumer.disconnect();
  }

  /** The end of every partition that holds anything. */
  private async endOffsets(topic: string): Promise<Map<number, number>> {
    const admin = this.kafka.admin();
    await admin.connect();
    // A broker that was frozen says for a moment that it leads nothing.
    const offsets = await eventually("the end of the topic", () => admin.fetchTopicOffsets(topic).catch(() => null));
    await admin.disconnect();
    const filled = offsets.filter(({ low, high }) => Number(high) > Number(low));
    return new Map(filled.map(({ partition, high }) => [partition, Number(high)]));
  }
}

interface Message {
  readonly headers?: Readonly<Record<string, Buffer | string | (Buffer | string)[] | undefined>>;
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

/** Null as above. */
function readableMail({ key, value, headers = {} }: Message): InboundMail | null {
  const buffers = Object.entries(headers).map(([name, header]) => [name, Buffer.from(String(header))] as const);
  try {
    return decodeInboundMail({ key, value, headers: Object.fromEntries(buffers) });
  } catch {
    return null;
  }
}
