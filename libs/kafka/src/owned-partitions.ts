import { committedPositions, keyOf, type TopicPartition } from "./committed-positions";
import type { KafkaLogger } from "./connection";
import { decodeDoneBitmap } from "./done-bitmap";
import type { OffsetLookup } from "./offset-lookup";
import { type CountWork, PartitionWork } from "./partition-work";
import { backoff } from "./until-answered";

export interface OwnedPartitionsOptions {
  readonly lookup: OffsetLookup;
  readonly groupId: string;
  readonly logger: KafkaLogger;
  readonly onCount: CountWork;
}

/** The partitions a member of a group owns and its work in each, from one assignment to the next. */
export class OwnedPartitions {
  private readonly work = new Map<string, PartitionWork>();
  private loading: Promise<void> | null = null;
  private assignments = 0;

  constructor(private readonly options: OwnedPartitionsOptions) {}

  get all(): readonly PartitionWork[] {
    return [...this.work.values()];
  }

  /** Partition numbers, each once whatever the topic. */
  get numbers(): readonly number[] {
    return [...new Set(this.all.map(({ partition }) => partition))];
  }

  /** How often partitions were assigned. */
  get generation(): number {
    return this.assignments;
  }

  find({ topic, partition }: TopicPartition): PartitionWork | undefined {
    return this.work.get(keyOf(topic, partition));
  }

  /**
   * Takes over an assignment; where the group stands in what is new is asked for (see `unknown`).
   * @param keeps whether what was owned before may be gone on with
   * @returns what is no longer owned, or no longer the same
   */
  reassign(assigned: readonly TopicPartition[], keeps: boolean): readonly PartitionWork[] {
    this.assignments += 1;
    const stays = new Set(keeps ? assigned.map(({ topic, partition }) => keyOf(topic, partition)) : []);
    const lost = this.all.filter(({ topic, partition }) => !stays.has(keyOf(topic, partition)));
    for (const { topic, partition } of lost) this.work.delete(keyOf(topic, partition));
    this.load(assigned.filter((one) => !this.find(one)));
    return lost;
  }

  /**
   * Null when it is known where the group stands in all that is owned. Otherwise resolves when it is, or could not be
   * learnt for the moment.
   */
  get unknown(): Promise<void> | null {
    return this.loading;
  }

  /** Begins the work in a partition at a position, instead of any there was. */
  begin({ topic, partition }: TopicPartition, position: number, done: ReadonlySet<number> = new Set()): PartitionWork {
    const work = new PartitionWork(topic, partition, position, done, this.options.onCount);
    this.work.set(keyOf(topic, partition), work);
    return work;
  }

  private load(fresh: readonly TopicPartition[]): void {
    const { lookup, groupId, logger } = this.options;
    const generation = this.assignments;
    const ask = async () => {
      const positions = await committedPositions(lookup, groupId, fresh);
      if (generation !== this.assignments) return;
      for (const { position, metadata, ...one } of positions) {
        this.begin(one, position, decodeDoneBitmap(metadata, position));
      }
    };
    const askUntilTold = async () => {
      try {
        await ask();
      } catch (error) {
        logger.warn({ err: error, group_id: groupId }, "consumer.positions_unknown");
        await backoff(2);
        if (generation === this.assignments) return this.load(fresh);
      }
      if (generation === this.assignments) this.loading = null;
    };
    this.loading = askUntilTold();
  }
}
