import type { WireRecord } from "@waggle/contracts";
import { produceError } from "./produce-error";

/** Records that one caller wants written together, and how it learns what became of them. */
export interface SendGroup {
  readonly records: readonly WireRecord[];
  readonly bytes: number;
  /** Milliseconds since the epoch after which the caller no longer waits; null: it waits for ever. */
  readonly expiresAt: number | null;
  resolve(): void;
  reject(error: Error): void;
}

export interface BatchCaps {
  readonly records: number;
  readonly bytes: number;
}

/** The groups waiting to be sent, first come first served. A group is never split over two batches. */
export class SendQueue {
  private groups: SendGroup[] = [];
  private pendingBytes = 0;
  private pendingRecords = 0;

  constructor(private readonly caps: BatchCaps) {}

  get bytes(): number {
    return this.pendingBytes;
  }

  get records(): number {
    return this.pendingRecords;
  }

  get isEmpty(): boolean {
    return this.groups.length === 0;
  }

  push(group: SendGroup): void {
    this.groups.push(group);
    this.pendingBytes += group.bytes;
    this.pendingRecords += group.records.length;
  }

  /** The next batch: as many groups as fit the caps, at least one. */
  take(): SendGroup[] {
    let records = 0;
    let bytes = 0;
    let count = 0;
    for (const group of this.groups) {
      records += group.records.length;
      bytes += group.bytes;
      if (count > 0 && (records > this.caps.records || bytes > this.caps.bytes)) break;
      count += 1;
    }
    const batch = this.groups.splice(0, count);
    for (const group of batch) this.release(group);
    return batch;
  }

  /** Drops the groups nobody waits for any more: they were never sent, so nothing of them is on a topic. */
  expire(now: number): void {
    const isDue = (group: SendGroup) => group.expiresAt !== null && group.expiresAt <= now;
    if (this.groups.some(isDue)) this.drop(isDue, "Kafka did not acknowledge in time");
  }

  /** Drops everything. */
  abandon(reason: string): void {
    this.drop(() => true, reason);
  }

  private drop(isDropped: (group: SendGroup) => boolean, reason: string): void {
    const dropped = this.groups.filter(isDropped);
    this.groups = this.groups.filter((group) => !isDropped(group));
    for (const group of dropped) {
      this.release(group);
      group.reject(produceError("kafka_unavailable", reason));
    }
  }

  private release(group: SendGroup): void {
    this.pendingBytes -= group.bytes;
    this.pendingRecords -= group.records.length;
  }
}

/** Bytes of a batch and a record around what they carry: no record takes more. */
const OVERHEAD_BYTES = 96;
const HEADER_OVERHEAD_BYTES = 6;

/** Bytes that a record takes, in a batch of its own, at most. */
export function recordBytes(record: WireRecord): number {
  let bytes = OVERHEAD_BYTES + length(record.key) + length(record.value);
  for (const [name, value] of Object.entries(record.headers ?? {})) {
    bytes += length(name) + length(value) + HEADER_OVERHEAD_BYTES;
  }
  return bytes;
}

function length(value: string | Buffer | null): number {
  return value === null ? 0 : Buffer.byteLength(value);
}
