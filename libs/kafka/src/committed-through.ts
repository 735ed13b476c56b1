import type { OffsetLookup } from "./offset-lookup";

export interface CommittedThroughOptions {
  readonly lookup: Pick<OffsetLookup, "fetchTopicOffsets" | "fetchOffsets">;
  /** Which group reads which topic. */
  readonly reads: readonly GroupOfTopic[];
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export interface GroupOfTopic {
  readonly groupId: string;
  readonly topic: string;
}

/** A time, and for each read where its topic's partitions ended then. */
interface Mark {
  readonly time: number;
  readonly ends: readonly ReadonlyMap<number, number>[];
}

/**
 * Up to when everything in some topics is finished by the groups that read them, in whatever processes: all that was
 * written before a time lies below the end offsets asked for at that time, and is finished once these are committed.
 */
export class CommittedThrough {
  private mark: Mark | null = null;
  private through: number | null = null;

  constructor(private readonly options: CommittedThroughOptions) {}

  /** That time in milliseconds since the epoch; null: not known yet. Rejects when Kafka does not answer. */
  async refresh(): Promise<number | null> {
    // A mark that is not reached yet stays: replaced by later ones it would never be, while records keep coming.
    this.mark ??= await this.markNow();
    if (await this.isReached(this.mark)) {
      this.through = this.mark.time;
      this.mark = null;
    }
    return this.through;
  }

  private async markNow(): Promise<Mark> {
    const { lookup, reads, now } = this.options;
    const time = now();
    const ends = await Promise.all(reads.map(({ topic }) => lookup.fetchTopicOffsets(topic)));
    // A partition that holds nothing has nothing to be finished, and its group may never have committed there.
    const filled = ends.map((all) => all.filter(({ low, high }) => Number(high) > Number(low)));
    return { time, ends: filled.map((all) => new Map(all.map(({ partition, high }) => [partition, Number(high)]))) };
  }

  private async isReached({ ends }: Mark): Promise<boolean> {
    const { lookup, reads } = this.options;
    for (const [index, { groupId, topic }] of reads.entries()) {
      const [committed] = await lookup.fetchOffsets({ groupId, topics: [topic] });
      const offsets = new Map(committed?.partitions.map(({ partition, offset }) => [partition, Number(offset)]));
      for (const [partition, end] of ends[index] ?? []) if ((offsets.get(partition) ?? -1) < end) return false;
    }
    return true;
  }
}
