import { Watermark } from "./watermark";

/** The part of a record that its partition counts by. */
export interface WorkRecord {
  readonly offset: number;
  readonly bytes: number;
  readonly timestamp: number;
  readonly isShelved: boolean;
}

/** Told how many records, and bytes of them, came to count as work or ceased to. */
export type CountWork = (records: number, bytes: number) => void;

/** What this process does in one partition it owns: the watermark, and how much is out. */
export class PartitionWork {
  private readonly watermark: Watermark;
  private readonly unfinished = new Map<number, WorkRecord>();
  /** Offsets at or above `next` that are done: not to be worked on when they are met. */
  private readonly alreadyDone: Set<number>;
  private isOwned = true;
  private counted = { records: 0, bytes: 0 };
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
    alreadyDone: ReadonlySet<number>,
    private readonly onCount: CountWork,
  ) {
    this.watermark = new Watermark(position);
    this.alreadyDone = new Set(alreadyDone);
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

  /** False once the partition went to another member: what is still out changes nothing any more. */
  get owned(): boolean {
    return this.isOwned;
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

  /** How many offsets were finished or skipped since the last commit. */
  get changesToCommit(): number {
    return this.changes - this.committedChanges;
  }

  markCommitted(changes: number): void {
    this.committedChanges = changes;
  }

  /** The done offsets above `low`, rising; those not met yet included, so that they are passed on. */
  finishedAbove(): number[] {
    return [...this.watermark.finishedAbove(), ...[...this.alreadyDone].sort((a, b) => a - b)];
  }

  /** Whether the record is to be worked on; one that was finished before is done at once. */
  begin(offset: number): boolean {
    this.watermark.begin(offset);
    if (!this.alreadyDone.delete(offset)) return true;
    this.watermark.done(offset);
    this.changes += 1;
    return false;
  }

  add(record: WorkRecord): void {
    this.unfinished.set(record.offset, record);
    this.count(1, record.bytes);
  }

  /** Whether the record is out and still to be finished here. */
  has(record: WorkRecord): boolean {
    return this.isOwned && this.unfinished.get(record.offset) === record;
  }

  finish(record: WorkRecord): void {
    if (!this.has(record)) return;
    this.remove(record);
    this.watermark.done(record.offset);
    this.changes += 1;
  }

  countShelved(record: WorkRecord): void {
    if (this.has(record)) this.count(-1, -record.bytes);
  }

  countUnshelved(record: WorkRecord): void {
    if (this.has(record)) this.count(1, record.bytes);
  }

  /** Takes back the records from `offset` on, which will be fetched again; those done by then stay done. */
  rewind(offset: number): void {
    for (const record of this.unfinished.values()) if (record.offset >= offset) this.remove(record);
    for (const done of this.watermark.rewind(offset)) this.alreadyDone.add(done);
  }

  skipTo(position: number): void {
    if (position <= this.watermark.next) return;
    for (const offset of this.alreadyDone) if (offset < position) this.alreadyDone.delete(offset);
    this.watermark.skipTo(position);
    this.changes += 1;
  }

  /**
   * The partition went to another member: nothing of it counts any more.
   * @returns what counted until now, of which nobody else is told
   */
  lose(): { readonly records: number; readonly bytes: number } {
    const { counted } = this;
    this.isOwned = false;
    this.counted = { records: 0, bytes: 0 };
    return counted;
  }

  private remove(record: WorkRecord): void {
    this.unfinished.delete(record.offset);
    if (!record.isShelved) this.count(-1, -record.bytes);
  }

  private count(records: number, bytes: number): void {
    if (!this.isOwned) return;
    this.counted = { records: this.counted.records + records, bytes: this.counted.bytes + bytes };
    this.onCount(records, bytes);
  }
}
