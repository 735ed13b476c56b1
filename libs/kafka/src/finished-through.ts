import { partitionOfKey } from "./key-partitioner";
import type { OffsetLookup } from "./offset-lookup";
import type { PartitionWork } from "./partition-work";

export interface FinishedThroughOptions {
  readonly lookup: Pick<OffsetLookup, "fetchTopicOffsets">;
  readonly topic: string;
  /** What this process does in the partitions it owns. */
  readonly assigned: () => readonly PartitionWork[];
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

interface Mark {
  readonly time: number;
  readonly endOffset: number;
}

/**
 * Up to when the records of a topic are finished, by partition. All that was written before a time lies below the end
 * offset asked for at that time; once the watermark is there, the partition is finished through that time. So one that
 * is read to its end advances with the clock, and one that is behind, or of which nothing can be learnt, stands still.
 * A partition that changes hands begins anew.
 */
export class FinishedThrough {
  private readonly marks = new Map<PartitionWork, { through: number | null; next: Mark | null }>();
  private partitions = 0;

  constructor(private readonly options: FinishedThroughOptions) {}

  /** Asks Kafka for the ends of the partitions. Rejects when it does not answer. */
  async refresh(): Promise<void> {
    const { lookup, topic, now } = this.options;
    const time = now();
    const ends = await lookup.fetchTopicOffsets(topic);
    this.partitions = ends.length;
    const endOffsets = new Map(ends.map(({ partition, high }) => [partition, Number(high)]));
    const owned = this.owned();
    for (const work of this.marks.keys()) if (!owned.includes(work)) this.marks.delete(work);
    for (const work of owned) {
      const endOffset = endOffsets.get(work.partition);
      if (endOffset === undefined) continue;
      const through = this.advance(work);
      // A mark that is not reached yet stays: replaced by later ones it would never be, while records keep coming.
      const next = this.marks.get(work)?.next ?? { time, endOffset };
      this.marks.set(work, { through, next });
      this.advance(work);
    }
  }

  /** The time through which all records of a key are finished, milliseconds since the epoch; null: not known here. */
  of(key: string): number | null {
    if (this.partitions === 0) return null;
    const partition = partitionOfKey(key, this.partitions);
    const work = this.owned().find((one) => one.partition === partition);
    return work ? this.advance(work) : null;
  }

  private owned(): readonly PartitionWork[] {
    return this.options.assigned().filter(({ topic, owned }) => topic === this.options.topic && owned);
  }

  private advance(work: PartitionWork): number | null {
    const mark = this.marks.get(work);
    if (!mark) return null;
    if (!mark.next || work.low < mark.next.endOffset) return mark.through;
    this.marks.set(work, { through: mark.next.time, next: null });
    return mark.next.time;
  }
}
