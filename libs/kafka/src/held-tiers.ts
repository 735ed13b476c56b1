import { keyOf, type TopicPartition } from "./committed-positions";
import type { ConsumedRecord } from "./consumed-record";

export interface HeldTiersOptions {
  /** Called once per record, never before it is due. */
  readonly onDue: (record: ConsumedRecord) => void;
  /** Whether more due records can be taken now; `poke` says that this may have changed. */
  readonly gate: () => boolean;
  readonly pause: (topic: string, partition: number) => void;
  readonly resume: (topic: string, partition: number) => void;
  readonly now: () => number;
  /** Records held per partition before it pauses; it resumes at half. */
  readonly recordsPerPartition: number;
  /** Bytes held in all before partitions pause; one that holds nothing is never paused, so its head is always known. */
  readonly bytes: number;
}

interface Hold extends TopicPartition {
  readonly queue: { readonly record: ConsumedRecord; readonly dueAt: number }[];
  head: number;
  paused: boolean;
}

/** `setTimeout` counts in 32 bits of milliseconds. */
const LONGEST_TIMER_MS = 2_147_483_647;

/**
 * Keeps the records of the retry tiers in memory until they are due, with one timer for the earliest. A tier's delay
 * is constant, so each partition is first in, first out. The watermark stays below what is held; when a hold is full
 * its partition pauses – never because something is not yet due, which would fetch the same bytes again and again.
 */
export class HeldTiers {
  private readonly holds = new Map<string, Hold>();
  private timer: NodeJS.Timeout | null = null;
  private timerAt = Number.POSITIVE_INFINITY;
  private heldBytes = 0;
  private heldRecords = 0;
  private closed = false;

  constructor(private readonly options: HeldTiersOptions) {}

  get held(): { readonly records: number; readonly bytes: number } {
    return { records: this.heldRecords, bytes: this.heldBytes };
  }

  /** Takes over a record until `dueAt` (milliseconds since the epoch). */
  hold(record: ConsumedRecord, dueAt: number): void {
    record.shelve();
    const hold = this.holdOf(record);
    hold.queue.push({ record, dueAt });
    this.heldRecords += 1;
    this.heldBytes += record.bytes;
    const waiting = hold.queue.length - hold.head;
    if (!hold.paused && (waiting >= this.options.recordsPerPartition || this.heldBytes >= this.options.bytes)) {
      hold.paused = true;
      this.options.pause(hold.topic, hold.partition);
    }
    if (waiting === 1) this.arm(dueAt);
  }

  /** Forgets what is held of partitions that others own now. */
  drop(partitions: readonly TopicPartition[]): void {
    for (const { topic, partition } of partitions) {
      const hold = this.holds.get(keyOf(topic, partition));
      if (!hold) continue;
      for (const { record } of hold.queue.slice(hold.head)) {
        this.heldRecords -= 1;
        this.heldBytes -= record.bytes;
      }
      this.holds.delete(keyOf(topic, partition));
    }
  }

  /** How late the most overdue record of a topic is, in milliseconds; 0 when none is overdue. */
  overdueMs(topic: string): number {
    let earliest = Number.POSITIVE_INFINITY;
    for (const hold of this.holds.values()) {
      if (hold.topic === topic) earliest = Math.min(earliest, headDue(hold));
    }
    return Math.max(0, this.options.now() - earliest);
  }

  /** To be called when the gate may have opened. */
  poke(): void {
    if (this.timerAt <= this.options.now()) this.arm(this.options.now());
  }

  close(): void {
    this.closed = true;
    if (this.timer) clearTimeout(this.timer);
  }

  private holdOf({ topic, partition }: ConsumedRecord): Hold {
    const key = keyOf(topic, partition);
    const known = this.holds.get(key);
    if (known) return known;
    const hold: Hold = { topic, partition, queue: [], head: 0, paused: false };
    this.holds.set(key, hold);
    return hold;
  }

  private arm(at: number): void {
    if (this.closed || (this.timer && at >= this.timerAt && this.timerAt > this.options.now())) return;
    if (this.timer) clearTimeout(this.timer);
    this.timerAt = at;
    const wait = Math.min(Math.max(at - this.options.now(), 0), LONGEST_TIMER_MS);
    this.timer = setTimeout(() => this.releaseDue(), wait);
  }

  private releaseDue(): void {
    this.timer = null;
    this.timerAt = Number.POSITIVE_INFINITY;
    for (const hold of this.holds.values()) this.releaseFrom(hold);
    const next = Math.min(Number.POSITIVE_INFINITY, ...[...this.holds.values()].map(headDue));
    if (next === Number.POSITIVE_INFINITY) return;
    // What is due but not let through waits for `poke`, not for a timer that would spin.
    if (next <= this.options.now() && !this.options.gate()) this.timerAt = next;
    else this.arm(next);
  }

  private releaseFrom(hold: Hold): void {
    const now = this.options.now();
    while (this.options.gate()) {
      const first = hold.queue[hold.head];
      // Timers may fire a millisecond early; a delivery must not.
      if (!first || first.dueAt > now) break;
      hold.head += 1;
      this.heldRecords -= 1;
      this.heldBytes -= first.record.bytes;
      first.record.unshelve();
      this.options.onDue(first.record);
    }
    if (hold.head > 256 && hold.head * 2 > hold.queue.length) {
      hold.queue.splice(0, hold.head);
      hold.head = 0;
    }
    this.resumeIfRoom(hold);
  }

  private resumeIfRoom(hold: Hold): void {
    if (!hold.paused) return;
    const waiting = hold.queue.length - hold.head;
    const room = waiting <= this.options.recordsPerPartition / 2 && this.heldBytes < this.options.bytes;
    if (!room && waiting > 0) return;
    hold.paused = false;
    this.options.resume(hold.topic, hold.partition);
  }
}

function headDue(hold: Hold): number {
  return hold.queue[hold.head]?.dueAt ?? Number.POSITIVE_INFINITY;
}
