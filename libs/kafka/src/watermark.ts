/**
 * What is known of the offsets of one partition: which were handed out, which are done. Pure.
 *
 * `low` is the lowest offset that is not done, and so what may be committed: a commit never passes unfinished work.
 * Offsets begin in rising order and may have gaps (compaction, transaction markers); they finish in any order.
 */
export class Watermark {
  private readonly begun: number[] = [];
  /** Index in `begun` of the first offset that is not done. */
  private head = 0;
  private readonly finished = new Set<number>();

  /** @param position the first offset that has not been seen yet */
  constructor(private position: number) {}

  /** The offset to be fetched next. */
  get next(): number {
    return this.position;
  }

  /** Every offset below is done; what to commit. */
  get low(): number {
    return this.begun[this.head] ?? this.position;
  }

  /** How many offsets were handed out and are not done. */
  get unfinished(): number {
    return this.begun.length - this.head - this.finished.size;
  }

  /** Hands out an offset. Must be at or above `next`. */
  begin(offset: number): void {
    this.begun.push(offset);
    this.position = offset + 1;
  }

  /** Finishes an offset that was begun; a second time changes nothing. */
  done(offset: number): void {
    if (offset < this.low || offset >= this.position) return;
    this.finished.add(offset);
    while (this.head < this.begun.length) {
      const lowest = this.begun[this.head];
      if (lowest === undefined || !this.finished.delete(lowest)) break;
      this.head += 1;
    }
    this.compact();
  }

  /** Moves past offsets that hold no record for us. Never moves back. */
  skipTo(position: number): void {
    this.position = Math.max(this.position, position);
  }

  /**
   * Takes back every offset from `offset` on, as if it had never been handed out. Must not be below `low`.
   * @returns those of them that were done already
   */
  rewind(offset: number): number[] {
    const taken = this.finishedAbove().filter((done) => done >= offset);
    for (const done of taken) this.finished.delete(done);
    let end = this.begun.length;
    while (end > this.head && (this.begun[end - 1] ?? 0) >= offset) end -= 1;
    this.begun.length = end;
    this.position = Math.min(this.position, offset);
    return taken;
  }

  /** The done offsets above `low`, rising. */
  finishedAbove(): number[] {
    return [...this.finished].sort((a, b) => a - b);
  }

  private compact(): void {
    if (this.head < 1_024 || this.head * 2 < this.begun.length) return;
    this.begun.splice(0, this.head);
    this.head = 0;
  }
}
