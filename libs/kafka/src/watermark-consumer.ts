import { PARTITIONS } from "@waggle/contracts";
import type { Admin, Consumer, EachBatchPayload, Kafka } from "kafkajs";
import { committedPositions, keyOf, logBounds, type TopicPartition } from "./committed-positions";
import type { KafkaLogger } from "./connection";
import { ConsumedRecord } from "./consumed-record";
import { ConsumptionPauses } from "./consumption-pauses";
import { decodeDoneBitmap } from "./done-bitmap";
import { GroupMembership } from "./group-membership";
import { OffsetCommits } from "./offset-commits";
import { PartitionWork } from "./partition-work";
import { backoff, untilAnswered } from "./until-answered";

export interface WatermarkConsumerOptions {
  readonly kafka: Kafka;
  readonly groupId: string;
  /** Their order means nothing: kafkajs shuffles what it fetches, so that no partition waits behind others for ever. */
  readonly topics: readonly string[];
  readonly logger: KafkaLogger;
  /** Takes over the records of one partition and returns at once: it must never wait for I/O, nor throw. */
  readonly onRecords: (records: readonly ConsumedRecord[]) => void;
  /** The partitions that went to other members: what is still held of them is to be dropped. */
  readonly onLost?: (partitions: readonly TopicPartition[]) => void;
  /** How much may be out before consumption pauses; it resumes at half. */
  readonly limits: { readonly records: number; readonly bytes: number };
  /** The limits were reached and there is room again. */
  readonly onRoom?: () => void;
  /**
   * How much is being worked on that would be done twice if its partition changed hands now. A rebalance waits a
   * moment for it to become 0. By default everything that is out.
   */
  readonly inFlight?: () => number;
  /** A fault only a new process mends. */
  readonly onFatal: (reason: string) => void;
  readonly sessionTimeoutMs?: number;
  /** Milliseconds the broker may wait for a record; also how long a resumed partition may wait. */
  readonly maxWaitMs?: number;
  /**
   * A file of this process alone, which survives it: lets the next start leave the group for a dead predecessor,
   * instead of the group waiting for its session to expire.
   */
  readonly memberFile?: string;
}

const COMMIT_EVERY_MS = 250;
const BYTES_PER_PARTITION = 131_072;
/** How long a rebalance is held up, and a stop, for what is in flight and for the last commit. */
const HAND_OVER_MS = 3_000;
const LAST_COMMIT_MS = 5_000;
const POLL_MS = 20;

/**
 * One member of a consumer group whose records finish in any order. What is committed per partition is the low
 * watermark – never past unfinished work – with a bitmap of what is done above it, for whoever takes over.
 */
export class WatermarkConsumer {
  private readonly consumer: Consumer;
  private readonly admin: Admin;
  private readonly membership: GroupMembership;
  private readonly pauses: ConsumptionPauses;
  private readonly commits: OffsetCommits;
  private readonly work = new Map<string, PartitionWork>();
  /** Resolves when the positions of the partitions that this generation brought are known, or could not be had. */
  private positions: Promise<void> = Promise.resolve();
  private generation = 0;
  private outRecords = 0;
  private outBytes = 0;
  private full = false;
  private stopped: Promise<void> | null = null;
  private commitTimer: NodeJS.Timeout | null = null;
  /** Per partition the last jump of kafkajs that was gone back on: from where we stand to where it had gone. */
  private readonly jumps = new WeakMap<PartitionWork, string>();

  constructor(private readonly options: WatermarkConsumerOptions) {
    const { kafka, groupId, logger, memberFile, topics, sessionTimeoutMs = 8_000, maxWaitMs = 200 } = options;
    this.membership = new GroupMembership({
      groupId,
      sessionTimeoutMs,
      memberFile,
      logger,
      owned: () => [...new Set([...this.work.values()].map(({ partition }) => partition))],
      handOver: () => this.handOver(sessionTimeoutMs),
      onJoining: () => this.commits.suspend(),
      onAssigned: (partitions, sameMember) => this.onAssigned(partitions, sameMember),
      onLeft: () => this.onLeft(),
    });
    this.admin = kafka.admin();
    this.consumer = kafka.consumer({
      groupId,
      sessionTimeout: sessionTimeoutMs,
      rebalanceTimeout: 15_000,
      heartbeatInterval: Math.floor(sessionTimeoutMs / 6),
      maxWaitTimeInMs: maxWaitMs,
      maxBytesPerPartition: BYTES_PER_PARTITION,
      // Room for every partition at once: a smaller response would be filled by some, and the others would be late.
      maxBytes: topics.length * PARTITIONS * BYTES_PER_PARTITION,
      allowAutoTopicCreation: false,
      partitionAssigners: [this.membership.assigner],
      retry: {
        initialRetryTime: 100,
        maxRetryTime: 2_000,
        retries: 5,
        restartOnFailure: async () => this.stopped === null,
      },
    });
    this.membership.watch(this.consumer);
    this.pauses = new ConsumptionPauses(this.consumer);
    this.commits = new OffsetCommits({ work: () => this.work.values(), groupId, logger });
  }

  /** Joins the group and begins to hand out records. Waits for Kafka when it does not answer. */
  async start(): Promise<void> {
    const { groupId, topics, logger, onFatal } = this.options;
    this.consumer.on(this.consumer.events.CRASH, ({ payload }) => {
      logger.warn({ err: payload.error, group_id: groupId }, "consumer.crashed");
      if (!payload.restart && this.stopped === null) onFatal(`consumer of ${groupId} crashed`);
    });
    const contact = async () => {
      await this.admin.connect();
      await this.consumer.connect();
      await this.consumer.subscribe({ topics: [...topics], fromBeginning: true });
    };
    await untilAnswered(contact, {
      logger,
      event: "consumer.connect_failed",
      givenUp: () => this.stopped !== null,
    });
    if (this.stopped !== null) return;
    await this.consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      eachBatch: (payload) => this.onBatch(payload),
    });
    this.commitTimer = setInterval(() => void this.commits.commit(), COMMIT_EVERY_MS);
  }

  /**
   * Takes no more records, waits for `drained` (by default: until nothing is in flight), commits and leaves the group.
   * The membership is kept alive meanwhile, so that nobody takes over what is about to be finished.
   */
  stop(drained: () => Promise<void> = () => this.idle()): Promise<void> {
    this.stopped ??= this.shutDown(drained);
    return this.stopped;
  }

  /** Fetches no more of one partition; what was fetched already is fetched again later. Survives rebalances. */
  pause(topic: string, partition: number): void {
    this.pauses.pause({ topic, partition });
  }

  resume(topic: string, partition: number): void {
    this.pauses.resume({ topic, partition });
  }

  /** Takes back what was handed out of one partition from `offset` on, to be fetched again: it is no longer `owned`. */
  rewind(topic: string, partition: number, offset: number): void {
    const work = this.work.get(keyOf(topic, partition));
    if (!work || offset < work.low || offset >= work.next) return;
    work.rewind(offset);
    this.seek(work);
  }

  /** Whether the group still counts on this process. When not, no work may be begun: others have it, or will. */
  isMember(now: number): boolean {
    return this.membership.isMember(now);
  }

  get assigned(): readonly PartitionWork[] {
    return [...this.work.values()];
  }

  /** How often the group was rebalanced, this member's first join included. */
  get rebalances(): number {
    return this.generation;
  }

  /** Whether consumption pauses because the limits are reached. */
  get isFull(): boolean {
    return this.full;
  }

  /** How much is out and counts as work: neither done nor shelved. */
  get out(): { readonly records: number; readonly bytes: number } {
    return { records: this.outRecords, bytes: this.outBytes };
  }

  /**
   * State hangs on joining, never on `REBALANCING`, which kafkajs does not emit every time. The same member keeps what
   * is still its own; a new member id means that others may have had everything in between.
   */
  private onAssigned(assigned: readonly TopicPartition[], sameMember: boolean): void {
    this.generation += 1;
    const keep = new Set(sameMember ? assigned.map(({ topic, partition }) => keyOf(topic, partition)) : []);
    const lost = [...this.work.values()].filter(({ topic, partition }) => !keep.has(keyOf(topic, partition)));
    this.drop(lost);
    // kafkajs starts again at what is committed; what we kept goes on where it stood.
    for (const work of this.work.values()) this.seek(work);
    const fresh = assigned.filter(({ topic, partition }) => !this.work.has(keyOf(topic, partition)));
    this.loadPositions(fresh);
    this.pauses.assign(assigned);
    this.commits.allow();
    this.options.logger.info(
      { group_id: this.options.groupId, partitions: assigned.length, kept: this.work.size, lost: lost.length },
      "consumer.joined",
    );
  }

  private onLeft(): void {
    this.commits.suspend();
    this.commits.use(null);
    this.pauses.assign([]);
  }

  private loadPositions(fresh: readonly TopicPartition[]): void {
    const { groupId, logger } = this.options;
    const generation = this.generation;
    const load = async () => {
      const positions = await committedPositions(this.admin, groupId, fresh);
      if (generation !== this.generation) return;
      for (const { topic, partition, position, metadata } of positions) {
        this.own({ topic, partition }, position, decodeDoneBitmap(metadata, position));
      }
    };
    this.positions = load().catch(async (error: unknown) => {
      logger.warn({ err: error, group_id: groupId }, "consumer.positions_unknown");
      await backoff(2);
      if (generation === this.generation) this.loadPositions(fresh);
    });
  }

  private own({ topic, partition }: TopicPartition, position: number, done: ReadonlySet<number>): PartitionWork {
    const work = new PartitionWork(topic, partition, position, done, (records, bytes) => this.count(records, bytes));
    this.work.set(keyOf(topic, partition), work);
    return work;
  }

  private drop(lost: readonly PartitionWork[]): void {
    for (const work of lost) {
      const { records, bytes } = work.lose();
      this.outRecords -= records;
      this.outBytes -= bytes;
      this.work.delete(keyOf(work.topic, work.partition));
      this.pauses.resume(work);
    }
    if (lost.length > 0) this.options.onLost?.(lost);
    this.checkLimits();
  }

  private async onBatch(payload: EachBatchPayload): Promise<void> {
    const { batch, resolveOffset, isStale, commitOffsetsIfNecessary } = payload;
    const generation = this.generation;
    this.commits.use(commitOffsetsIfNecessary);
    await this.positions;
    const work = this.work.get(keyOf(batch.topic, batch.partition));
    if (!work || generation !== this.generation || isStale() || this.pauses.isPaused(work)) return;
    // A batch that was fetched before a rebalance may arrive after it. Only one that continues exactly where this
    // partition stands may begin, or the watermark would jump over what lies between.
    const from = fetchedOffset(batch);
    if (from !== work.next && !this.isEmptyBetween(work, from)) return this.resynchronise(work, from);
    work.skipTo(from);
    const records = this.begin(work, batch);
    resolveOffset(batch.lastOffset());
    this.handOut(records);
    this.checkLimits();
  }

  private begin(work: PartitionWork, batch: EachBatchPayload["batch"]): ConsumedRecord[] {
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
    return records;
  }

  private handOut(records: readonly ConsumedRecord[]): void {
    if (records.length === 0) return;
    try {
      this.options.onRecords(records);
    } catch (error) {
      // What it did not take over would never be done, and the watermark would stand still for ever.
      this.options.logger.error({ err: error, group_id: this.options.groupId }, "consumer.handler_failed");
      this.options.onFatal(`the handler of ${this.options.groupId} failed`);
    }
  }

  /** Whether going back led to the same jump again: then what lies between is never handed out (an aborted transaction). */
  private isEmptyBetween(work: PartitionWork, from: number): boolean {
    return from > work.next && this.jumps.get(work) === `${work.next}-${from}`;
  }

  /** Goes back to where the partition stands, or to where its log begins when it does not hold that any more. */
  private async resynchronise(work: PartitionWork, from: number): Promise<void> {
    const { topic, partition, next } = work;
    this.jumps.set(work, `${next}-${from}`);
    const log = (await logBounds(this.admin, topic)).get(partition);
    if (!work.owned) return;
    if (log && log.high < next) {
      // A broker lost its end. Meeting records twice is the lesser evil to missing those written since.
      this.options.logger.error({ topic, partition, from: next, to: log.low }, "consumer.log_truncated");
      this.drop([work]);
      return this.seek(this.own(work, log.low, new Set()));
    }
    if (log && log.low > next) {
      this.options.logger.error({ topic, partition, from: next, to: log.low }, "consumer.records_expired");
      work.skipTo(log.low);
    }
    this.seek(work);
  }

  private seek({ topic, partition, next }: PartitionWork): void {
    if (this.membership.isJoined) this.consumer.seek({ topic, partition, offset: String(next) });
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
      this.pauses.pauseAll("full");
    } else if (this.full && this.outRecords <= records / 2 && this.outBytes <= bytes / 2) {
      this.full = false;
      this.pauses.resumeAll("full");
      if (this.stopped === null) this.options.onRoom?.();
    }
  }

  private inFlight(): number {
    return this.options.inFlight?.() ?? this.outRecords;
  }

  /** What ends and is committed now is not met again by whoever gets the partition. */
  private async handOver(sessionTimeoutMs: number): Promise<void> {
    const until = Date.now() + Math.min(HAND_OVER_MS, sessionTimeoutMs / 3);
    while (this.inFlight() > 0 && Date.now() < until) await wait(POLL_MS);
    await this.commits.commit();
  }

  private async shutDown(drained: () => Promise<void>): Promise<void> {
    this.pauses.pauseAll("stopping");
    await drained();
    if (this.commitTimer) clearInterval(this.commitTimer);
    // A rebalance may be under way, in which nothing can be committed for a moment.
    const until = Date.now() + LAST_COMMIT_MS;
    for (let first = true; first || (!this.commits.isComplete && Date.now() < until); first = false) {
      if (!first) await wait(POLL_MS);
      await this.commits.commit();
    }
    await this.consumer.disconnect();
    await this.admin.disconnect();
  }

  private async idle(): Promise<void> {
    while (this.inFlight() > 0) await wait(POLL_MS);
  }
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Where the fetch that brought the batch began. kafkajs has it, but does not declare it. */
function fetchedOffset(batch: EachBatchPayload["batch"]): number {
  return "fetchedOffset" in batch ? Number(batch.fetchedOffset) : Number(batch.firstOffset());
}
