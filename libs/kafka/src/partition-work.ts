import type { ConsumedRecord } from "./consumed-record";
import { Watermark } from "./watermark";

/** Told how many records, and bytes of them, came to count as work or ceased to. */
export type CountWork = (records: number, bytes: number) => void;

/** What this process does in one partition it owns: the watermark, and how much is out. */
export class PartitionWork {
  private readonly watermark: Watermark;
  private readonly unfinished = new Map<number, ConsumedRecord>();
  private counted = { records: 0, bytes: 0 };
  /** False once the partition went to another member: what is still out changes nothing any more. */
  owned = true;
  /** The partition's end as the last fetch saw it. */
  endOffset: number;
  /** How many offsets were finished or skipped: what tells whether a commit would say anything new. */
  private changes = 0;
  private committedChanges = 0;

  /** @param alreadyDone offsets at or above `position` that a predecessor finished */
  constructor(
    readonly topic: string,
    readonly partition: number,
    position: number,
    private readonly alreadyDone: ReadonlySet<number>,
    private readonly onCount: CountWork,
  ) {
    this.watermark = new Watermark(position);
    this.endOffset = position;
  }

  get next(): number {
    return this.watermark.next;
  }

  get low(): number {
    return this.watermark.low;
  }

  /** How much is out and counts as work: neither done nor shelved. */
  get out(): { readonly records: number; readonly bytes: number } {
    return this.counted;
  }

  get lag(): number {
    return Math.max(0, this.endOffset - this.watermark.low);
  }

  /** When the oldest record that is out was written, null when none is. Milliseconds since the epoch. */
  get oldestTimestamp(): number | null {
    return this.unfinished.values().next().value?.timestamp ?? null;
  }

  /** What to pass to `markCommitted` after a commit of the present state; null when it would say nothing new. */
  get uncommitted(): number | null {
    return this.changes > this.committedChanges ? this.changes : null;
  }

  markCommitted(changes: number): void {
    this.committedChanges = changes;
  }

  finishedAbove(): number[] {
    return this.watermark.finishedAbove();
  }

  /** Whether the record is to be worked on; one that a predecessor finished is done at once. */
  begin(offset: number): boolean {
    this.watermark.begin(offset);
    if (!this.alreadyDone.has(offset)) return true;
    this.watermark.done(offset);
    this.changes += 1;
    return false;
  }

  add(record: ConsumedRecord): void {
    this.unfinished.set(record.offset, record);
    this.count(1, record.bytes);
  }

  finish(record: ConsumedRecord): void {
    if (!this.owned || !this.unfinished.delete(record.offset)) return;
    this.watermark.done(record.offset);
    this.changes += 1;
    if (!record.isShelved) this.count(-1, -record.bytes);
  }

  countShelved(record: ConsumedRecord): void {
    if (this.unfinished.has(record.offset)) this.count(-1, -record.bytes);
  }

  countUnshelved(record: ConsumedRecord): void {
    if (this.unfinished.has(record.offset)) this.count(1, record.bytes);
  }

  /** The partition went to another member: nothing of it counts any more. */
  lose(): void {
    this.count(-this.counted.records, -this.counted.bytes);
    this.owned = false;
  }

  skipTo(position: number): void {
    if (position <= this.watermark.next) return;
    this.watermark.skipTo(position);
    this.changes += 1;
  }

  private count(records: number, bytes: number): void {
    if (!this.owned) return;
    this.counted = { records: this.counted.records + records, bytes: this.counted.bytes + bytes };
    this.onCount(records, bytes);
  }
}
