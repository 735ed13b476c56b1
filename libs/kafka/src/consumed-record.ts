import type { ReceivedRecord } from "@waggle/contracts";
import type { KafkaMessage } from "kafkajs";
import type { PartitionWork } from "./partition-work";

/** A record in work. `done()` says that all its outputs are acknowledged, so that its offset may be committed. */
export class ConsumedRecord implements ReceivedRecord {
  readonly topic: string;
  readonly partition: number;
  /** When it was written, in milliseconds since the epoch. */
  readonly timestamp: number;

  private shelved = false;

  constructor(
    private readonly work: PartitionWork,
    readonly offset: number,
    private message: KafkaMessage,
  ) {
    this.topic = work.topic;
    this.partition = work.partition;
    this.timestamp = Number(message.timestamp);
  }

  get key(): Buffer | null {
    return this.message.key;
  }

  get value(): Buffer | null {
    return this.message.value;
  }

  /** Read anew each time: whoever holds many records needs their headers but once. */
  get headers(): Readonly<Record<string, Buffer>> {
    return singleHeaders(this.message.headers);
  }

  /** Bytes it holds in memory, roughly. */
  get bytes(): number {
    return 512 + (this.key?.length ?? 0) + (this.value?.length ?? 0);
  }

  /**
   * Whether it is still ours to work on. Not when its partition went to another member, when it was put back to be
   * fetched again, or when it is done: then nothing more should be done with it.
   */
  get owned(): boolean {
    return this.work.has(this);
  }

  /** Whether it waits for a later time and so does not count as work. */
  get isShelved(): boolean {
    return this.shelved;
  }

  /**
   * Sets it aside for later: it no longer counts against the consumer's limits, whoever keeps it has its own. From then
   * on it holds bytes of its own: what came is a view of all that one fetch brought, which it would keep for hours.
   */
  shelve(): void {
    if (this.shelved) return;
    this.shelved = true;
    this.message = detached(this.message);
    this.work.countShelved(this);
  }

  /** Its time has come: it counts again. */
  unshelve(): void {
    if (!this.shelved) return;
    this.shelved = false;
    this.work.countUnshelved(this);
  }

  /** Idempotent, and harmless when the record is no longer ours. */
  done(): void {
    this.work.finish(this);
  }
}

function singleHeaders(headers: KafkaMessage["headers"]): Record<string, Buffer> {
  const single: Record<string, Buffer> = {};
  for (const name in headers) {
    const value = headers[name];
    const last = Array.isArray(value) ? value.at(-1) : value;
    if (last !== undefined) single[name] = typeof last === "string" ? Buffer.from(last) : last;
  }
  return single;
}

/** The same record over bytes that nothing else uses. */
function detached(message: KafkaMessage): KafkaMessage {
  const { key, value, timestamp, attributes, offset } = message;
  const headers = Object.fromEntries(
    Object.entries(singleHeaders(message.headers)).map(([name, bytes]) => [name, Buffer.from(bytes)]),
  );
  return { key: copied(key), value: copied(value), timestamp, attributes, offset, headers };
}

function copied(bytes: Buffer | null): Buffer | null {
  return bytes && Buffer.from(bytes);
}
