import type { EachBatchPayload } from "kafkajs";
import type { KafkaLogger } from "./connection";
import { encodeDoneBitmap } from "./done-bitmap";
import type { PartitionWork } from "./partition-work";

/** kafkajs's way to commit that tries once: `consumer.commitOffsets` repeats a commit after a rejoin, see below. */
export type CommitOnce = EachBatchPayload["commitOffsetsIfNecessary"];

export interface OffsetCommitsOptions {
  readonly work: () => Iterable<PartitionWork>;
  readonly groupId: string;
  readonly logger: KafkaLogger;
}

/** What is done and not committed is done again after a crash; a request for each would cost more than the work. */
const MANY = 200;
const LONG_MS = 1_000;
/** How often is looked whether a commit is due: seldom while so little happens that only time makes it so. */
const LOOK_MS = { busy: 50, quiet: 250 } as const;
const BUSY = MANY / 10;

/**
 * Commits what moved: per partition the low watermark, with a bitmap of what is done above it.
 *
 * A commit must carry the generation its offsets belong to, or it would move the offsets of whoever owns the partition
 * now. So none is repeated by kafkajs, which would send the old offsets under the new generation, and none is made
 * between a join and its assignment.
 */
export class OffsetCommits {
  private commitOnce: CommitOnce | null = null;
  private suspended = true;
  private running: Promise<void> | null = null;
  private committedAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly options: OffsetCommitsOptions) {}

  /** From now on what is owned is known. */
  allow(): void {
    this.suspended = false;
  }

  /** The assignment is about to change: nothing may be committed until `allow`. */
  suspend(): void {
    this.suspended = true;
  }

  /** How to commit; null when kafkajs has left the group, and with it what it gave us. */
  use(commitOnce: CommitOnce | null): void {
    this.commitOnce = commitOnce;
  }

  /** Whether all that is done has been committed. */
  get isComplete(): boolean {
    for (const { uncommitted } of this.options.work()) if (uncommitted !== null) return false;
    return true;
  }

  /** Milliseconds until `commitWhenDue` is to be called again. */
  get lookInMs(): number {
    return this.changes >= BUSY ? LOOK_MS.busy : LOOK_MS.quiet;
  }

  /** Commits when much is done that a crash would have done again, or the last commit is long ago; never throws. */
  async commitWhenDue(now: number): Promise<void> {
    // One that hangs is not waited for by ever more of them.
    if (this.running) return;
    const { changes } = this;
    if (changes === 0 || (changes < MANY && now - this.committedAt < LONG_MS)) return;
    this.committedAt = now;
    await this.commit();
  }

  /** One commit at a time, of what moved until it begins. A failed commit is made up for by the next; never throws. */
  async commit(): Promise<void> {
    while (this.running) await this.running;
    this.running = this.send().finally(() => {
      this.running = null;
    });
    await this.running;
  }

  private get changes(): number {
    let changes = 0;
    for (const work of this.options.work()) changes += work.changesToCommit;
    return changes;
  }

  private async send(): Promise<void> {
    if (this.suspended || !this.commitOnce) return;
    const moved = [...this.options.work()].flatMap((work) => {
      const mark = work.uncommitted;
      return mark === null ? [] : [{ work, mark, offset: offsetOf(work) }];
    });
    if (moved.length === 0) return;
    const topics = new Map<string, ReturnType<typeof offsetOf>[]>();
    for (const { work, offset } of moved) topics.set(work.topic, [...(topics.get(work.topic) ?? []), offset]);
    try {
      await this.commitOnce({ topics: [...topics].map(([topic, partitions]) => ({ topic, partitions })) });
      for (const { work, mark } of moved) work.markCommitted(mark);
    } catch (error) {
      this.options.logger.debug({ err: error, group_id: this.options.groupId }, "consumer.commit_failed");
    }
  }
}

function offsetOf(work: PartitionWork) {
  const metadata = encodeDoneBitmap(work.low, work.finishedAbove());
  return { partition: work.partition, offset: String(work.low), metadata };
}
