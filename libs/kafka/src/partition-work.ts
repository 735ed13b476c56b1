import type { ConsumedRecord } from "./consumed-record";
import { Watermark } from "./watermark";

/** What this process does in one partition it owns: the watermark, and how much is out. */
export class PartitionWork {
  private readonly watermark: Watermark;
  private readonly unfinished = new Map<number, ConsumedRecord>();
  private outBytes = 0;
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
    private readonly onFinish: (record: ConsumedRecord) => void,
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

  get records(): number {
    return this.unfinished.size;
  }

  get bytes(): number {
    return this.outBytes;
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
    this.outBytes += record.bytes;
  }

  finish(record: ConsumedRecord): void {
    if (!this.owned || !this.unfinished.delete(record.offset)) return;
    this.outBytes -= record.bytes;
    this.watermark.done(record.offset);
    this.changes += 1;
    this.onFinish(record);
  }

  skipTo(position: number): void {
    if (position <= this.watermark.next) return;
    this.watermark.skipTo(position);
    this.changes += 1;
  }
}
