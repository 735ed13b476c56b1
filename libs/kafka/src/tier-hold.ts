import type { TopicPartition } from "./committed-positions";
import type { ConsumedRecord } from "./consumed-record";

export interface HeldRecord {
  readonly record: ConsumedRecord;
  /** Milliseconds since the epoch. */
  readonly dueAt: number;
}

/** What is held of one partition of a retry tier, first in, first out. */
export class TierHold implements TopicPartition {
  private readonly queue: HeldRecord[] = [];
  private head = 0;
  private heldBytes = 0;
  /** The record that follows, when there was no room for it: the partition is paused. */
  beyond: { readonly dueAt: number; readonly bytes: number } | null = null;

  constructor(
    readonly topic: string,
    readonly partition: number,
  ) {}

  get records(): number {
    return this.queue.length - this.head;
  }

  get bytes(): number {
    return this.heldBytes;
  }

  /** When the first record is due, in memory or not; never when there is none. */
  get headDueAt(): number {
    return this.queue[this.head]?.dueAt ?? this.beyond?.dueAt ?? Number.POSITIVE_INFINITY;
  }

  push(held: HeldRecord): void {
    this.queue.push(held);
    this.heldBytes += held.record.bytes;
  }

  /** The first record, no longer held. */
  shift(): ConsumedRecord | undefined {
    const first = this.queue[this.head]?.record;
    if (!first) return undefined;
    this.head += 1;
    this.heldBytes -= first.bytes;
    if (this.head > 256 && this.head * 2 > this.queue.length) {
      this.queue.splice(0, this.head);
      this.head = 0;
    }
    return first;
  }
}
