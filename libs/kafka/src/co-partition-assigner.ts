import { AssignerProtocol, type PartitionAssigner } from "kafkajs";

const { MemberMetadata, MemberAssignment } = AssignerProtocol;
const VERSION = 1;

export interface Claim {
  readonly memberId: string;
  /** Partition numbers it owned before, in rising order. */
  readonly owned: readonly number[];
}

/**
 * Gives partition numbers to members so that every topic's partition i goes to the same member, shares differ by one
 * at most, and what a member owned stays with it as far as its share allows. Pure and deterministic: the same claims
 * in any order lead to the same result. Every member has an entry, also one that gets nothing.
 */
export function assignPartitions(claims: readonly Claim[], partitionCount: number): Map<string, number[]> {
  const members = [...claims].sort((a, b) => (a.memberId < b.memberId ? -1 : 1));
  const share = Math.floor(partitionCount / members.length);
  let larger = partitionCount % members.length;
  const result = new Map<string, number[]>(members.map(({ memberId }) => [memberId, []]));
  const free = new Set(Array.from({ length: partitionCount }, (_, partition) => partition));

  // Members that owned more go first, so that the larger shares move the least.
  const byOwned = [...members].sort((a, b) => b.owned.length - a.owned.length);
  const quota = new Map<string, number>();
  for (const { memberId, owned } of byOwned) {
    const still = owned.filter((partition) => free.has(partition));
    const extra = larger > 0 && still.length > share ? 1 : 0;
    larger -= extra;
    const kept = still.slice(0, share + extra);
    for (const partition of kept) free.delete(partition);
    result.set(memberId, kept);
    quota.set(memberId, share + extra);
  }
  for (const { memberId } of members) {
    const mine = result.get(memberId) ?? [];
    let limit = quota.get(memberId) ?? share;
    if (larger > 0 && limit === share) {
      larger -= 1;
      limit += 1;
    }
    for (const partition of free) {
      if (mine.length >= limit) break;
      mine.push(partition);
      free.delete(partition);
    }
    mine.sort((a, b) => a - b);
    result.set(memberId, mine);
  }
  return result;
}

/**
 * A kafkajs assigner over `assignPartitions`. Topics are assigned in the order the leader subscribed them: kafkajs
 * fetches in that order and the broker fills a response in it.
 * @param owned the partition numbers this member owns now; travels to the leader with every join
 */
export function coPartitionAssigner(owned: () => readonly number[]): PartitionAssigner {
  return ({ cluster }) => ({
    name: "waggle-co-partition",
    version: VERSION,

    async assign({ members, topics }) {
      const counts = new Map(topics.map((topic) => [topic, cluster.findTopicPartitionMetadata(topic).length]));
      const subscriptions = new Map(members.map(({ memberId, memberMetadata }) => [memberId, decode(memberMetadata)]));
      const claims = [...subscriptions].map(([memberId, { owned: claimed }]) => ({ memberId, owned: claimed }));
      const shares = assignPartitions(claims, Math.max(0, ...counts.values()));
      return members.map(({ memberId }) => {
        const assignment: Record<string, number[]> = {};
        for (const [topic, count] of counts) {
          if (!subscriptions.get(memberId)?.topics.has(topic)) continue;
          assignment[topic] = (shares.get(memberId) ?? []).filter((partition) => partition < count);
        }
        return {
          memberId,
          memberAssignment: MemberAssignment.encode({ version: VERSION, assignment, userData: Buffer.alloc(0) }),
        };
      });
    },

    protocol({ topics }) {
      const userData = Buffer.from(JSON.stringify(owned()));
      return { name: this.name, metadata: MemberMetadata.encode({ version: VERSION, topics, userData }) };
    },
  });
}

function decode(metadata: Buffer): { topics: ReadonlySet<string>; owned: number[] } {
  const decoded = MemberMetadata.decode(metadata);
  return { topics: new Set(decoded?.topics ?? []), owned: ownedIn(decoded?.userData) };
}

/** A claim that cannot be read is no claim: it only costs stickiness. */
function ownedIn(userData: Buffer | undefined): number[] {
  try {
    const value: unknown = JSON.parse(userData?.toString("utf8") ?? "[]");
    return Array.isArray(value) ? value.filter((item) => Number.isInteger(item)) : [];
  } catch {
    return [];
  }
}
