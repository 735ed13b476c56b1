import { PARTITIONS } from "@waggle/contracts";
import type { Consumer, EachBatchPayload, Kafka, PartitionAssigner } from "kafkajs";
import type { TopicPartition } from "./committed-positions";
import type { KafkaLogger } from "./connection";
import { ConsumedRecord } from "./consumed-record";
import { ConsumptionPauses } from "./consumption-pauses";
import { FetchContinuity } from "./fetch-continuity";
import { FetchRounds, type FetchRoundsOptions } from "./fetch-rounds";
import { fetchInRounds } from "./fetch-rounds-patch";
import { GroupMembership } from "./group-membership";
import { MembershipWatch } from "./membership-watch";
import { OffsetCommits } from "./offset-commits";
import { OffsetLookup } from "./offset-lookup";
import { OutLimits } from "./out-limits";
import { OwnedPartitions } from "./owned-partitions";
import type { PartitionWork } from "./partition-work";
import { untilAnswered } from "./until-answered";

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
  /**
   * Milliseconds the broker may wait for a record; also how long a resumed partition, a commit or a heartbeat may wait,
   * since a broker answers the requests of a connection one after the other. Default 500.
   */
  readonly maxWaitMs?: number;
  /**
   * Bytes of one partition in one answer. A batch of records that is larger comes alone: the broker leaves all other
   * partitions out of that answer. Default 128 KiB.
   */
  readonly maxBytesPerPartition?: number;
  /** How often Kafka is asked for records; by default all the time, for all topics. */
  readonly fetch?: FetchRoundsOptions;
  /**
   * A file of this process alone, which survives it: lets the next start leave the group for a dead predecessor,
   * instead of the group waiting for its session to expire.
   */
  readonly memberFile?: string;
}

const LOOK_EVERY_MS = 50;
const BYTES_PER_PARTITION = 131_072;
/** How long a rebalance is held up for what is in flight, and a stop for its last commit. */
const HAND_OVER_MS = 3_000;
const LAST_COMMIT_MS = 5_000;
const POLL_MS = 20;

/**
 * One member of a consumer group whose records finish in any order. What is committed per partition is the low
 * watermark – never past unfinished work – with a bitmap of what is done above it, for whoever takes over.
 */
export class WatermarkConsumer {
  private readonly consumer: Consumer;
  private readonly lookup: OffsetLookup;
  private readonly membership: GroupMembership;
  private readonly watch: MembershipWatch;
  private readonly owned: OwnedPartitions;
  private readonly continuity: FetchContinuity;
  private readonly limits: OutLimits;
  private readonly pauses: ConsumptionPauses;
  private readonly commits: OffsetCommits;
  private readonly rounds: FetchRounds | null;
  private stopped: Promise<void> | null = null;
  private commitTimer: NodeJS.Timeout | null = null;

  constructor(private readonly options: WatermarkConsumerOptions) {
    const { kafka, groupId, logger, memberFile, topics, sessionTimeoutMs = 8_000, maxWaitMs = 500 } = options;
    const { maxBytesPerPartition = BYTES_PER_PARTITION } = options;
    this.membership = new GroupMembership({
      groupId,
      sessionTimeoutMs,
      memberFile,
      logger,
      owned: () => this.owned.numbers,
      handOver: () => this.handOver(Math.min(HAND_OVER_MS, sessionTimeoutMs / 3)),
      onJoining: () => this.commits.suspend(),
      onAssigned: (partitions, sameMember) => this.onAssigned(partitions, sameMember),
      onLeft: () => this.onLeft(),
    });
    this.rounds = options.fetch ? new FetchRounds(options.fetch, maxWaitMs) : null;
    this.lookup = new OffsetLookup(kafka);
    this.consumer = kafka.consumer({
      groupId,
      sessionTimeout: sessionTimeoutMs,
      rebalanceTimeout: 15_000,
      heartbeatInterval: Math.floor(sessionTimeoutMs / 6),
      maxWaitTimeInMs: maxWaitMs,
      maxBytesPerPartition,
      // Room for every partition at once: a smaller response would be filled by some, and the others would be late.
      maxBytes: topics.length * PARTITIONS * maxBytesPerPartition,
      allowAutoTopicCreation: false,
      partitionAssigners: [this.assigner()],
      retry: {
        initialRetryTime: 100,
        maxRetryTime: 2_000,
        retries: 5,
        restartOnFailure: async () => this.stopped === null,
      },
    });
    this.membership.watch(this.consumer);
    this.pauses = new ConsumptionPauses(this.consumer);
    this.limits = new OutLimits({
      limits: options.limits,
      onFull: () => this.pauses.pauseAll("full"),
      onRoom: () => this.onRoom(),
    });
    const onCount = (records: number, bytes: number) => this.limits.count(records, bytes);
    this.owned = new OwnedPartitions({ lookup: this.lookup, groupId, logger, onCount });
    this.continuity = new FetchContinuity(this.lookup, logger);
    this.commits = new OffsetCommits({ work: () => this.owned.all, groupId, logger });
    this.watch = new MembershipWatch({
      isMember: () => this.isMember(Date.now()),
      ask: () => this.lookup.fetchOffsets({ groupId, topics: [...topics] }),
      onStuck: () => options.onFatal(`the consumer of ${groupId} does not get back into its group`),
    });
  }

  /** Joins the group and begins to hand out records. Waits for Kafka when it does not answer. */
  async start(): Promise<void> {
    const { groupId, topics, logger, onFatal } = this.options;
    this.consumer.on(this.consumer.events.CRASH, ({ payload }) => {
      logger.warn({ err: payload.error, group_id: groupId }, "consumer.crashed");
      if (!payload.restart && this.stopped === null) onFatal(`consumer of ${groupId} crashed`);
    });
    const contact = async () => {
      await this.lookup.connect();
      await this.consumer.connect();
      await this.consumer.subscribe({ topics: [...topics], fromBeginning: true });
    };
    const givenUp = () => this.stopped !== null;
    await untilAnswered(contact, { logger, event: "consumer.connect_failed", givenUp });
    if (givenUp()) return;
    await this.consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      eachBatch: (payload) => this.onBatch(payload),
    });
    if (givenUp()) return;
    this.commitFromNowOn();
    this.watch.start();
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
    this.rounds?.askForAll();
  }

  /** Takes back what was handed out of one partition from `offset` on, to be fetched again: it is no longer `owned`. */
  rewind(topic: string, partition: number, offset: number): void {
    const work = this.owned.find({ topic, partition });
    if (!work || offset < work.low || offset >= work.next) return;
    work.rewind(offset);
    this.seek(work);
  }

  /** Whether the group still counts on this process. When not, no work may be begun: others have it, or will. */
  isMember(now: number): boolean {
    return this.membership.isMember(now);
  }

  /** Whether the group still keeps what is owned here, also while some of it is about to be handed over. */
  isKept(now: number): boolean {
    return this.membership.isKept(now);
  }

  get assigned(): readonly PartitionWork[] {
    return this.owned.all;
  }

  /** How often the group was rebalanced, this member's first join included. */
  get rebalances(): number {
    return this.owned.generation;
  }

  /** Whether consumption pauses because the limits are reached. */
  get isFull(): boolean {
    return this.limits.isFull;
  }

  /** How much is out and counts as work: neither done nor shelved. */
  get out(): { readonly records: number; readonly bytes: number } {
    return this.limits.out;
  }

  /**
   * State hangs on joining, never on `REBALANCING`, which kafkajs does not emit every time. The same member keeps what
   * is still its own; a new member id means that others may have had everything in between.
   */
  private onAssigned(assigned: readonly TopicPartition[], sameMember: boolean): void {
    const lost = this.owned.reassign(assigned, sameMember);
    // kafkajs starts again at what is committed; what we kept goes on where it stood.
    for (const work of this.owned.all) this.seek(work);
    this.drop(lost);
    this.pauses.assign(assigned);
    this.pauses.resumeAll("handing over");
    this.commits.allow();
    this.options.logger.info(
      { group_id: this.options.groupId, partitions: assigned.length, kept: this.owned.all.length, lost: lost.length },
      "consumer.joined",
    );
  }

  private commitFromNowOn(): void {
    void this.commits.commitWhenDue(Date.now());
    this.commitTimer = setTimeout(() => this.commitFromNowOn(), this.commits.lookInMs);
  }

  /** The one place where kafkajs shows us its cluster. */
  private assigner(): PartitionAssigner {
    const createAssigner = this.membership.assigner;
    return (config) => {
      if (this.rounds) fetchInRounds(config.cluster, this.rounds);
      return createAssigner(config);
    };
  }

  private onLeft(): void {
    this.commits.suspend();
    this.commits.use(null);
    this.pauses.assign([]);
  }

  private drop(lost: readonly PartitionWork[]): void {
    if (lost.length === 0) return;
    const counted = lost.map((work) => work.lose());
    for (const work of lost) this.pauses.resume(work);
    this.options.onLost?.(lost);
    // Only now, when nothing of what was lost can be taken for work any more, may there be room.
    for (const { records, bytes } of counted) this.limits.count(-records, -bytes);
  }

  private async onBatch(payload: EachBatchPayload): Promise<void> {
    const { batch, resolveOffset, isStale, commitOffsetsIfNecessary, heartbeat } = payload;
    const { generation } = this.owned;
    this.commits.use(commitOffsetsIfNecessary);
    if (this.owned.unknown) await this.asMember(this.owned.unknown, heartbeat);
    const work = this.owned.find(batch);
    if (!work || generation !== this.owned.generation || isStale() || this.pauses.isPaused(work)) return;
    const from = fetchedOffset(batch);
    if (!this.continuity.holds(work, from)) return this.resynchronise(work, from, heartbeat);
    work.skipTo(from);
    const records = begin(work, batch);
    resolveOffset(batch.lastOffset());
    this.handOut(records);
  }

  /** Waits for an answer that may take longer than the group waits for heartbeats: held up here, kafkajs sends none. */
  private async asMember<Answer>(answer: Promise<Answer>, heartbeat: () => Promise<void>): Promise<Answer> {
    let answered = false;
    const settled = answer.finally(() => {
      answered = true;
    });
    settled.catch(() => undefined);
    while (!answered) {
      await heartbeat();
      await Promise.race([settled, wait(LOOK_EVERY_MS)]);
    }
    return settled;
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

  private async resynchronise(work: PartitionWork, from: number, heartbeat: () => Promise<void>): Promise<void> {
    const position = await this.asMember(this.continuity.restore(work, from), heartbeat);
    if (!work.owned) return;
    if (position === null) return this.seek(work);
    const anew = this.owned.begin(work, position);
    this.drop([work]);
    this.seek(anew);
  }

  private seek({ topic, partition, next }: PartitionWork): void {
    if (this.membership.isJoined) this.consumer.seek({ topic, partition, offset: String(next) });
  }

  private onRoom(): void {
    this.pauses.resumeAll("full");
    if (this.stopped === null) this.options.onRoom?.();
  }

  private inFlight(): number {
    return this.options.inFlight?.() ?? this.limits.out.records;
  }

  /** What ends and is committed now is not met again by whoever gets the partition. */
  private async handOver(limitMs: number): Promise<void> {
    this.pauses.pauseAll("handing over");
    const until = Date.now() + limitMs;
    while (this.inFlight() > 0 && Date.now() < until) await wait(POLL_MS);
    await this.commits.commit();
  }

  private async shutDown(drained: () => Promise<void>): Promise<void> {
    this.pauses.pauseAll("stopping");
    this.watch.stop();
    await drained();
    if (this.commitTimer) clearTimeout(this.commitTimer);
    const until = Date.now() + LAST_COMMIT_MS;
    await this.commits.commit();
    // A rebalance may be under way, in which nothing can be committed for a moment.
    while (!this.commits.isComplete && Date.now() < until) {
      await wait(POLL_MS);
      await this.commits.commit();
    }
    await this.consumer.disconnect();
    await this.lookup.disconnect();
  }

  private async idle(): Promise<void> {
    while (this.inFlight() > 0) await wait(POLL_MS);
  }
}

/** The records of a batch that are to be worked on, which are out from now on. */
function begin(work: PartitionWork, batch: EachBatchPayload["batch"]): ConsumedRecord[] {
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

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Where the fetch that brought the batch began. kafkajs has it, but does not declare it. */
function fetchedOffset(batch: EachBatchPayload["batch"]): number {
  return "fetchedOffset" in batch ? Number(batch.fetchedOffset) : Number(batch.firstOffset());
}
