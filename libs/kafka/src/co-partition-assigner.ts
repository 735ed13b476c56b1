import { AssignerProtocol, type Cluster, type PartitionAssigner } from "kafkajs";
import { assignPartitions, type Claim } from "./assign-partitions";

const { MemberMetadata, MemberAssignment } = AssignerProtocol;
const VERSION = 1;

/** What a member tells the group's leader with every join. */
export type OwnClaim = Omit<Claim, "memberId">;

interface Subscription extends OwnClaim {
  readonly topics: readonly string[];
}

/**
 * A kafkajs assigner over `assignPartitions`. Members may subscribe to different topics, as they do while a new release
 * that adds one is rolled out: each gets its partition numbers of the topics it knows.
 * @param claim what this member owns now; stickiness is nothing but the leader honouring it
 */
export function coPartitionAssigner(claim: () => OwnClaim): PartitionAssigner {
  return ({ cluster }) => ({
    name: "waggle-co-partition",
    version: VERSION,

    async assign({ members, topics }) {
      const subscriptions = members.map(({ memberId, memberMetadata }) => ({ memberId, ...decode(memberMetadata) }));
      const counts = await partitionCounts(
        cluster,
        new Set([...topics, ...subscriptions.flatMap((one) => one.topics)]),
      );
      const shares = assignPartitions(subscriptions, Math.max(0, ...counts.values()));
      return subscriptions.map(({ memberId, topics: subscribed }) => {
        const share = shares.get(memberId) ?? [];
        const assignment = Object.fromEntries(
          subscribed.map((topic) => [topic, share.filter((partition) => partition < (counts.get(topic) ?? 0))]),
        );
        return {
          memberId,
          memberAssignment: MemberAssignment.encode({ version: VERSION, assignment, userData: Buffer.alloc(0) }),
        };
      });
    },

    protocol({ topics }) {
      const userData = Buffer.from(JSON.stringify(claim()));
      return { name: this.name, metadata: MemberMetadata.encode({ version: VERSION, topics, userData }) };
    },
  });
}

/** How many partitions each topic has; a topic that another member knows but this cluster does not is left out. */
async function partitionCounts(cluster: Cluster, topics: ReadonlySet<string>): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const topic of topics) {
    // The leader has metadata of its own topics only; one that cannot be had must not keep the group from working.
    await cluster.addTargetTopic(topic).catch(() => undefined);
    counts.set(topic, cluster.findTopicPartitionMetadata(topic).length);
  }
  return counts;
}

/** A claim that cannot be read is no claim: it only costs stickiness. */
function decode(metadata: Buffer): Subscription {
  const decoded = MemberMetadata.decode(metadata);
  const topics = decoded?.topics ?? [];
  try {
    const claim: unknown = JSON.parse(decoded?.userData.toString("utf8") ?? "");
    if (typeof claim === "object" && claim !== null && "owned" in claim && Array.isArray(claim.owned)) {
      const owned = claim.owned.filter((partition): partition is number => Number.isInteger(partition));
      return { topics, owned, stale: !("stale" in claim) || claim.stale !== false };
    }
  } catch {
    // Not JSON: another release's, or none.
  }
  return { topics, owned: [], stale: true };
}
