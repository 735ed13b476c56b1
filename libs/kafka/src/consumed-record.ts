import type { ReceivedRecord } from "@waggle/contracts";
import type { KafkaMessage } from "kafkajs";
import type { PartitionWork } from "./partition-work";

/** A record in work. `done()` says that all its outputs are acknowledged, so that its offset may be committed. */
export class ConsumedRecord implements ReceivedRecord {
  readonly topic: string;
  readonly partition: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** When it was written, in milliseconds since the epoch. */
  readonly timestamp: number;

  private shelved = false;

  constructor(
    private readonly work: PartitionWork,
    readonly offset: number,
    private readonly message: KafkaMessage,
  ) {
    this.topic = work.topic;
    this.partition = work.partition;
    this.key = message.key;
    this.value = message.value;
    this.timestamp = Number(message.timestamp);
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

  /** Sets it aside for later: it no longer counts against the consumer's limits, whoever keeps it has its own. */
  shelve(): void {
    if (this.shelved) return;
    this.shelved = true;
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
