import {
  type Broker,
  type Cluster,
  type Consumer,
  type ConsumerGroupJoinEvent,
  KafkaJSError,
  KafkaJSGroupCoordinatorNotFound,
  type PartitionAssigner,
} from "kafkajs";
import { coPartitionAssigner } from "./co-partition-assigner";
import type { TopicPartition } from "./committed-positions";
import type { KafkaLogger } from "./connection";
import { MemberFile } from "./member-file";
import { SessionClock } from "./session-clock";

export interface GroupMembershipOptions {
  readonly groupId: string;
  readonly sessionTimeoutMs: number;
  readonly memberFile: string | undefined;
  readonly logger: KafkaLogger;
  /** The partition numbers this member owns now. */
  readonly owned: () => readonly number[];
  /** Called before every join but the first: ends what partitions had better not change hands with. */
  readonly handOver: () => Promise<void>;
  /** A join was answered: what is owned is about to change. */
  readonly onJoining: () => void;
  /** `sameMember`: the group never lost sight of us, so that what we keep nobody else had in between. */
  readonly onAssigned: (partitions: readonly TopicPartition[], sameMember: boolean) => void;
  /** kafkajs has left the group, to stop or to start anew. */
  readonly onLeft: () => void;
}

/** This process as a member of its consumer group: how it joins, whether it still counts as one. */
export class GroupMembership {
  private session: SessionClock | null = null;
  private readonly file: MemberFile | null;
  private memberId: string | null = null;
  private joined = false;
  private joining = false;

  constructor(private readonly options: GroupMembershipOptions) {
    const { memberFile, groupId } = options;
    this.file = memberFile === undefined ? null : new MemberFile(memberFile, groupId);
  }

  /** What the consumer is to be created with. */
  get assigner(): PartitionAssigner {
    const createAssigner = coPartitionAssigner(() => ({
      owned: this.options.owned(),
      stale: !this.session?.isAlive(Date.now()),
    }));
    return (config) => {
      this.precedeJoins(config.cluster);
      return createAssigner(config);
    };
  }

  /** To be called once, before the consumer runs. */
  watch(consumer: Consumer): void {
    const { events } = consumer;
    this.session = new SessionClock(consumer, this.options.sessionTimeoutMs);
    consumer.on(events.REQUEST, ({ payload }) => {
      if (payload.apiName === "JoinGroup") this.options.onJoining();
      if (payload.apiName === "LeaveGroup") this.file?.forget();
    });
    consumer.on(events.GROUP_JOIN, ({ payload }) => this.onJoin(payload));
    consumer.on(events.STOP, () => {
      this.joined = false;
      this.options.onLeft();
    });
  }

  /** Whether kafkajs is in the group, as far as it knows. */
  get isJoined(): boolean {
    return this.joined;
  }

  /** Whether the group still keeps what this process owns for it, also while it is about to hand some of it over. */
  isKept(now: number): boolean {
    return this.joined && (this.session?.isAlive(now) ?? false);
  }

  /** Whether the group still counts on this process, and is not just about to give its partitions to others. */
  isMember(now: number): boolean {
    return !this.joining && this.isKept(now);
  }

  private onJoin({ memberId, memberAssignment }: ConsumerGroupJoinEvent["payload"]): void {
    const sameMember = memberId === this.memberId;
    this.memberId = memberId;
    this.joined = true;
    this.joining = false;
    try {
      this.file?.remember(memberId);
    } catch (error) {
      // It only makes the next start after a crash slower.
      this.options.logger.warn({ err: error, group_id: this.options.groupId }, "consumer.member_file_failed");
    }
    const partitions = Object.entries(memberAssignment).flatMap(([topic, numbers]) =>
      numbers.map((partition) => ({ topic, partition })),
    );
    this.options.onAssigned(partitions, sameMember);
  }

  /** kafkajs has no hook before it joins. It looks for the coordinator first of all, and for nothing else, so here is one. */
  private precedeJoins(cluster: Cluster): void {
    const find = cluster.findGroupCoordinator.bind(cluster);
    cluster.findGroupCoordinator = async (group) => {
      const coordinator = await find(group).catch(asTemporary);
      if (this.joined) await this.beforeRejoin();
      else await this.leaveForPredecessor(coordinator);
      return coordinator;
    };
  }

  private async beforeRejoin(): Promise<void> {
    this.joining = true;
    // Who was away for longer has nothing left to hand over.
    if (this.session?.isAlive(Date.now())) await this.options.handOver();
  }

  /** Whom kafkajs was before it started anew, too: it forgets its member id, and the group waits for that member. */
  private async leaveForPredecessor(coordinator: Broker): Promise<void> {
    const memberId = this.memberId ?? this.file?.predecessor() ?? null;
    if (memberId === null || !canLeave(coordinator)) return;
    const { groupId, logger } = this.options;
    try {
      await coordinator.leaveGroup({ groupId, memberId });
      logger.info({ group_id: groupId }, "consumer.left_for_predecessor");
    } catch (error) {
      logger.debug({ err: error, group_id: groupId }, "consumer.predecessor_unknown");
    }
  }
}

/** kafkajs takes a group without a coordinator, as there is while brokers are down, for the end of everything. */
function asTemporary(error: unknown): never {
  throw error instanceof KafkaJSGroupCoordinatorNotFound ? new KafkaJSError(error.message) : error;
}

interface GroupCoordinator {
  leaveGroup(member: { groupId: string; memberId: string }): Promise<unknown>;
}

/** kafkajs's brokers can, but do not declare it. */
function canLeave(broker: Broker): broker is Broker & GroupCoordinator {
  return "leaveGroup" in broker && typeof broker.leaveGroup === "function";
}
