import type { Admin, Consumer, ConsumerGroupJoinEvent, EachBatchPayload, Kafka } from "kafkajs";
import { coPartitionAssigner } from "./co-partition-assigner";
import { beginnings, committedPositions, keyOf, type TopicPartition } from "./committed-positions";
import type { KafkaLogger } from "./connection";
import { ConsumedRecord } from "./consumed-record";
import { decodeDoneBitmap, encodeDoneBitmap } from "./done-bitmap";
import { PartitionWork } from "./partition-work";
import { SessionClock } from "./session-clock";

export interface WatermarkConsumerOptions {
  readonly kafka: Kafka;
  readonly groupId: string;
  /** In the order in which they are to be fetched. */
  readonly topics: readonly string[];
  readonly logger: KafkaLogger;
  /** Takes over the records of one partition and returns at once: it must never wait for I/O. */
  readonly onRecords: (records: readonly ConsumedRecord[]) => void;
  /** The partitions that went to other members: what is still held of them is to be dropped. */
  readonly onLost?: (partitions: readonly TopicPartition[]) => void;
  /** How much may be out before consumption pauses; it resumes at half. */
  readonly limits: { readonly records: number; readonly bytes: number };
  /** The limits were reached and there is room again. */
  readonly onRoom?: () => void;
  /** A fault only a new process mends. */
  readonly onFatal: (reason: string) => void;
  readonly sessionTimeoutMs?: number;
  /** Milliseconds the broker may wait for a record; also how long a resumed partition may wait. */
  readonly maxWaitMs?: number;
}

const COMMIT_EVERY_MS = 250;
const BYTES_PER_PARTITION = 65_536;

/**
 * One member of a consumer group whose records finish in any order. What is committed per partition is the low
 * watermark – never past unfinished work – with a bitmap of what is done above it, for whoever takes over.
 */
export class WatermarkConsumer {
  private readonly consumer: Consumer;
  private readonly admin: Admin;
  private readonly session: SessionClock;
  private readonly work = new Map<string, PartitionWork>();
  private readonly pausedByUser = new Set<string>();
  private memberId: string | null = null;
  /** Resolves when the positions of the partitions that this generation brought are known. */
  private positions: Promise<void> = Promise.resolve();
  private generation = 0;
  private outRecords = 0;
  private outBytes = 0;
  private full = false;
  private stopping = false;
  private joined = false;
  private commitTimer: NodeJS.Timeout | null = null;
  private committing: Promise<void> = Promise.resolve();
  private rebalanceCount = 0;

  constructor(private readonly options: WatermarkConsumerOptions) {
    const sessionTimeout = options.sessionTimeoutMs ?? 8_000;
    this.admin = options.kafka.admin();
    this.consumer = options.kafka.consumer({
      groupId: options.groupId,
      sessionTimeout,
      rebalanceTimeout: 15_000,
      heartbeatInterval: Math.floor(sessionTimeout / 6),
      maxWaitTimeInMs: options.maxWaitMs ?? 200,
      maxBytesPerPartition: BYTES_PER_PARTITION,
      // Room for every partition at once: a smaller response would be filled by the first ones alone.
      maxBytes: Math.max(10_485_760, options.topics.length * 12 * BYTES_PER_PARTITION),
      allowAutoTopicCreation: false,
      partitionAssigners: [coPartitionAssigner(() => this.ownedPartitions())],
      retry: { initialRetryTime: 100, maxRetryTime: 2_000, retries: 5, restartOnFailure: async () => true },
    });
    this.session = new SessionClock(this.consumer, sessionTimeout);
  }

  /** Joins the group and begins to hand out records. */
  async start(): Promise<void> {
    const { events } = this.consumer;
    this.consumer.on(events.GROUP_JOIN, (event) => this.onJoin(event));
    this.consumer.on(events.REBALANCING, () => void this.commit());
    this.consumer.on(events.CRASH, ({ payload }) => {
      this.joined = false;
      this.options.logger.warn({ err: payload.error, group_id: this.options.groupId }, "consumer.crashed");
      if (!payload.restart) this.options.onFatal(`consumer of ${this.options.groupId} crashed`);
    });
    await this.admin.connect();
    await this.consumer.connect();
    await this.consumer.subscribe({ topics: [...this.options.topics], fromBeginning: true });
    await this.consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      eachBatch: (payload) => this.onBatch(payload),
    });
    this.commitTimer = setInterval(() => void this.commit(), COMMIT_EVERY_MS);
  }

  /**
   * Takes no more records, waits for `drained` (by default: until nothing is out), commits and leaves the group.
   * The membership is kept alive meanwhile, so that nobody takes over what is about to be finished.
   */
  async stop(drained: () => Promise<void> = () => this.idle()): Promise<void> {
    if (this.stopping) return;
    this.stopping = true;
    this.pauseAll();
    await drained();
    if (this.commitTimer) clearInterval(this.commitTimer);
    await this.commit();
    await this.consumer.disconnect();
    await this.admin.disconnect();
  }

  /** Stops fetching one partition; what was fetched already is still handed out. Survives rebalances. */
  pause(topic: string, partition: number): void {
    this.pausedByUser.add(keyOf(topic, partition));
    this.consumer.pause([{ topic, partitions: [partition] }]);
  }

  resume(topic: string, partition: number): void {
    this.pausedByUser.delete(keyOf(topic, partition));
    if (!this.full && !this.stopping) this.consumer.resume([{ topic, partitions: [partition] }]);
  }

  /** Whether the group still counts on this process. When not, no work may be begun: others have it. */
  isMember(now: number): boolean {
    return this.joined && this.session.isAlive(now);
  }

  get assigned(): readonly PartitionWork[] {
    return [...this.work.values()];
  }

  /** How often the group was rebalanced, this member's first join included. */
  get rebalances(): number {
    return this.rebalanceCount;
  }

  /** Whether consumption pauses because the limits are reached. */
  get isFull(): boolean {
    return this.full;
  }

  get out(): { readonly records: number; readonly bytes: number } {
    return { records: this.outRecords, bytes: this.outBytes };
  }

  private ownedPartitions(): number[] {
    return [...new Set([...this.work.values()].map(({ partition }) => partition))].sort((a, b) => a - b);
  }

  /**
   * State hangs on joining, never on `REBALANCING`, which kafkajs does not emit every time. The same member keeps what
   * is still its own; a new member id means that others may have had everything in between.
   */
  private onJoin({ payload }: ConsumerGroupJoinEvent): void {
    this.rebalanceCount += 1;
    this.generation += 1;
    this.joined = true;
    const assigned = Object.entries(payload.memberAssignment).flatMap(([topic, partitions]) =>
      partitions.map((partition) => ({ topic, partition })),
    );
    const keep =
      payload.memberId === this.memberId ? new Set(assigned.map((tp) => keyOf(tp.topic, tp.partition))) : new Set();
    this.memberId = payload.memberId;
    const lost: TopicPartition[] = [];
    for (const [key, work] of this.work) {
      if (keep.has(key)) continue;
      this.drop(key, work);
      lost.push(work);
    }
    if (lost.length > 0) this.options.onLost?.(lost);
    // kafkajs starts again at what is committed; what we kept goes on where it stood.
    for (const { topic, partition, next } of this.work.values()) {
      this.consumer.seek({ topic, partition, offset: String(next) });
    }
    const fresh = assigned.filter(({ topic, partition }) => !this.work.has(keyOf(topic, partition)));
    this.positions = this.loadPositions(fresh, this.generation);
    // A failure is met by whoever awaits the positions: the next batch.
    this.positions.catch(() => undefined);
    this.reapplyPauses(assigned);
    this.options.logger.info(
      { group_id: this.options.groupId, partitions: assigned.length, kept: this.work.size, lost: lost.length },
      "consumer.joined",
    );
  }

  private async loadPositions(fresh: readonly TopicPartition[], generation: number): Promise<void> {
    const positions = await committedPositions(this.admin, this.options.groupId, fresh);
    if (generation !== this.generation) return;
    for (const { topic, partition, position, metadata } of positions) {
      const done = decodeDoneBitmap(metadata, position);
      const work = new PartitionWork(topic, partition, position, done, (records, bytes) => this.count(records, bytes));
      this.work.set(keyOf(topic, partition), work);
    }
  }

  private drop(key: string, work: PartitionWork): void {
    work.lose();
    this.work.delete(key);
    this.pausedByUser.delete(key);
  }

  /** Pauses outlive rebalances in kafkajs, also those of partitions that come back later with nothing held. */
  private reapplyPauses(assigned: readonly TopicPartition[]): void {
    for (const { topic, partition } of assigned) {
      const paused = this.full || this.stopping || this.pausedByUser.has(keyOf(topic, partition));
      this.consumer[paused ? "pause" : "resume"]([{ topic, partitions: [partition] }]);
    }
  }

  private async onBatch({ batch, resolveOffset, isStale }: EachBatchPayload): Promise<void> {
    const generation = this.generation;
    await this.positions;
    const { topic, partition } = batch;
    const work = this.work.get(keyOf(topic, partition));
    if (!work || this.stopping || generation !== this.generation || isStale()) return;
    // A batch that was fetched before a rebalance may arrive after it. Only one that continues exactly where this
    // partition stands may begin, or the watermark would jump over what lies between.
    if (fetchedOffset(batch) !== work.next) return this.resynchronise(work);
    const records: ConsumedRecord[] = [];
    for (const message of batch.messages) {
      const offset = Number(message.offset);
      if (offset < work.next || !work.begin(offset)) continue;
      const record = new ConsumedRecord(work, offset, message);
      work.add(record);
      records.push(record);
    }
    work.skipTo(Number(batch.lastOffset()) + 1);
    work.endOffset = Number(batch.highWatermark);
    resolveOffset(batch.lastOffset());
    if (records.length > 0) this.options.onRecords(records);
    this.checkLimits();
  }

  /** Goes back to where the partition stands, or forward to its beginning when retention has passed it. */
  private async resynchronise(work: PartitionWork): Promise<void> {
    const { topic, partition } = work;
    const beginning = (await beginnings(this.admin, topic)).get(partition) ?? 0;
    if (beginning > work.next) {
      this.options.logger.error({ topic, partition, from: work.next, to: beginning }, "consumer.records_expired");
      work.skipTo(beginning);
    }
    if (work.owned) this.consumer.seek({ topic, partition, offset: String(work.next) });
  }

  private count(records: number, bytes: number): void {
    this.outRecords += records;
    this.outBytes += bytes;
    if (this.full) this.checkLimits();
  }

  private checkLimits(): void {
    const { records, bytes } = this.options.limits;
    if (!this.full && (this.outRecords >= records || this.outBytes >= bytes)) {
      this.full = true;
      this.pauseAll();
    } else if (this.full && this.outRecords <= records / 2 && this.outBytes <= bytes / 2) {
      this.full = false;
      if (this.stopping) return;
      this.reapplyPauses([...this.work.values()]);
      this.options.onRoom?.();
    }
  }

  private pauseAll(): void {
    for (const { topic, partition } of this.work.values()) this.consumer.pause([{ topic, partitions: [partition] }]);
  }

  private async idle(): Promise<void> {
    while (this.outRecords > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  /** One commit at a time, of what moved. A failed commit is made up for by the next. */
  private commit(): Promise<void> {
    this.committing = this.committing.then(() => this.commitOnce());
    return this.committing;
  }

  private async commitOnce(): Promise<void> {
    if (!this.joined) return;
    const offsets = [...this.work.values()].flatMap((work) => {
      const mark = work.uncommitted;
      return mark === null ? [] : [{ work, mark, low: work.low, done: work.finishedAbove() }];
    });
    if (offsets.length === 0) return;
    try {
      await this.consumer.commitOffsets(
        offsets.map(({ work, low, done }) => ({
          topic: work.topic,
          partition: work.partition,
          offset: String(low),
          metadata: encodeDoneBitmap(low, done),
        })),
      );
      for (const { work, mark } of offsets) work.markCommitted(mark);
    } catch (error) {
      this.options.logger.debug({ err: error, group_id: this.options.groupId }, "consumer.commit_failed");
    }
  }
}

/** Where the fetch that brought the batch began. kafkajs has it, but does not declare it. */
function fetchedOffset(batch: EachBatchPayload["batch"]): number {
  return "fetchedOffset" in batch ? Number(batch.fetchedOffset) : Number(batch.firstOffset());
}
