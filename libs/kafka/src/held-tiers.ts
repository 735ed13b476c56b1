import { keyOf, type TopicPartition } from "./committed-positions";
import type { ConsumedRecord } from "./consumed-record";
import { TierHold } from "./tier-hold";

export interface HeldTiersOptions {
  /** Called once per record, never before it is due. */
  readonly onDue: (record: ConsumedRecord) => void;
  /** Whether more due records can be taken now; `poke` says that this may have changed. */
  readonly gate: () => boolean;
  readonly pause: (topic: string, partition: number) => void;
  readonly resume: (topic: string, partition: number) => void;
  /** Puts the records of a partition from `offset` on back, to be fetched again once it is resumed. */
  readonly rewind: (topic: string, partition: number, offset: number) => void;
  readonly now: () => number;
  /** Records held per partition; it pauses beyond, and resumes at half. */
  readonly recordsPerPartition: number;
  /** Bytes held in all, whatever the records' sizes. */
  readonly bytes: number;
}

/** `setTimeout` counts in 32 bits of milliseconds. */
const LONGEST_TIMER_MS = 2_147_483_647;
/** What one partition may take of the bytes that are free, so that a few long tiers leave room for all others. */
const SHARE_OF_FREE = 1 / 8;
/** Records let go in one turn of the event loop: what became due together must not hold up what is new for long. */
const RECORDS_PER_TURN = 32;

/**
 * Keeps the records of the retry tiers in memory until they are due, with one timer for the earliest. A tier's delay
 * is constant, so each partition is first in, first out. The watermark stays below what is held.
 *
 * A partition pauses when its hold is full, never because something is not yet due, which would fetch the same bytes
 * again and again. Then all that stays in memory of the next record is its offset and when it is due: it is fetched
 * again when there is room, or when it is due.
 */
export class HeldTiers {
  private readonly holds = new Map<string, TierHold>();
  private timer: NodeJS.Timeout | null = null;
  private timerAt = Number.POSITIVE_INFINITY;
  /** Something is due and was not let through: it waits for `poke`, not for a timer that would spin. */
  private blocked = false;
  private heldBytes = 0;
  private heldRecords = 0;
  private closed = false;

  constructor(private readonly options: HeldTiersOptions) {}

  get held(): { readonly records: number; readonly bytes: number } {
    return { records: this.heldRecords, bytes: this.heldBytes };
  }

  /**
   * Takes over a record until `dueAt` (milliseconds since the epoch).
   * @returns false when there was no room: then it was put back with all that follow it in its partition, is no longer
   * `owned`, and will be handed out again
   */
  hold(record: ConsumedRecord, dueAt: number): boolean {
    if (!record.owned) return false;
    const hold = this.holdOf(record);
    if (hold.records === 0 && this.isDue(dueAt)) {
      this.options.onDue(record);
      return true;
    }
    if (!this.hasRoom(hold, record)) {
      this.putBack(hold, record, dueAt);
      return false;
    }
    record.shelve();
    hold.push({ record, dueAt });
    this.heldRecords += 1;
    this.heldBytes += record.bytes;
    this.arm(hold.headDueAt);
    return true;
  }

  /** Forgets what is held of partitions that others own now. */
  drop(partitions: readonly TopicPartition[]): void {
    for (const { topic, partition } of partitions) {
      const hold = this.holds.get(keyOf(topic, partition));
      if (!hold) continue;
      this.heldRecords -= hold.records;
      this.heldBytes -= hold.bytes;
      this.holds.delete(keyOf(topic, partition));
    }
  }

  /** How late the most overdue record of a topic is, in milliseconds; 0 when none is overdue. */
  overdueMs(topic: string): number {
    let earliest = Number.POSITIVE_INFINITY;
    for (const hold of this.holds.values()) if (hold.topic === topic) earliest = Math.min(earliest, hold.headDueAt);
    return Math.max(0, this.options.now() - earliest);
  }

  /** To be called when the gate may have opened. */
  poke(): void {
    if (this.blocked) this.arm(this.options.now());
  }

  close(): void {
    this.closed = true;
    if (this.timer) clearTimeout(this.timer);
  }

  private holdOf({ topic, partition }: ConsumedRecord): TierHold {
    const key = keyOf(topic, partition);
    const known = this.holds.get(key);
    if (known) return known;
    const hold = new TierHold(topic, partition);
    this.holds.set(key, hold);
    return hold;
  }

  private hasRoom(hold: TierHold, record: ConsumedRecord): boolean {
    return hold.records < this.options.recordsPerPartition && hold.bytes + record.bytes <= this.share;
  }

  private isDue(dueAt: number): boolean {
    return dueAt <= this.options.now() && this.options.gate();
  }

  private putBack(hold: TierHold, record: ConsumedRecord, dueAt: number): void {
    const { topic, partition, offset, bytes } = record;
    hold.beyond = { dueAt, bytes };
    this.options.pause(topic, partition);
    this.options.rewind(topic, partition, offset);
    this.arm(hold.headDueAt);
  }

  private arm(at: number): void {
    if (this.closed || at >= this.timerAt) return;
    if (this.timer) clearTimeout(this.timer);
    this.timerAt = at;
    const wait = Math.min(Math.max(at - this.options.now(), 0), LONGEST_TIMER_MS);
    this.timer = setTimeout(() => this.releaseDue(), wait);
  }

  private releaseDue(): void {
    this.timer = null;
    this.timerAt = Number.POSITIVE_INFINITY;
    this.blocked = false;
    const due = [...this.holds.values()].filter(({ headDueAt }) => headDueAt <= this.options.now());
    const turn = Math.max(1, Math.floor(RECORDS_PER_TURN / due.length));
    for (const hold of this.holds.values()) this.releaseFrom(hold, turn);
    const now = this.options.now();
    let next = Number.POSITIVE_INFINITY;
    for (const { headDueAt } of this.holds.values()) {
      if (headDueAt <= now && !this.options.gate()) this.blocked = true;
      else next = Math.min(next, headDueAt);
    }
    if (next < Number.POSITIVE_INFINITY) this.arm(next);
  }

  /** @param turn records it may let go at most */
  private releaseFrom(hold: TierHold, turn: number): void {
    // Timers may fire a millisecond early; a delivery must not.
    for (let released = 0; released < turn && hold.records > 0 && this.isDue(hold.headDueAt); released++) {
      const record = hold.shift();
      if (!record) break;
      this.heldRecords -= 1;
      this.heldBytes -= record.bytes;
      record.unshelve();
      this.options.onDue(record);
    }
    if (!hold.beyond || !(this.hasRoomAgain(hold, hold.beyond.bytes) || this.isDue(hold.headDueAt))) return;
    hold.beyond = null;
    this.options.resume(hold.topic, hold.partition);
  }

  /** Half of what a partition may hold must be free: fetching again for every record would cost too much. */
  private hasRoomAgain(hold: TierHold, bytes: number): boolean {
    return hold.records <= this.options.recordsPerPartition / 2 && hold.bytes + bytes <= this.share / 2;
  }

  /** Bytes that one partition may hold at the moment. */
  private get share(): number {
    return (this.options.bytes - this.heldBytes) * SHARE_OF_FREE;
  }
}
