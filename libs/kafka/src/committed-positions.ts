import type { Admin } from "kafkajs";

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

export interface CommittedPosition extends TopicPartition {
  /** The first offset that is not known to be done. */
  readonly position: number;
  /** What the last owner wrote beside it, null when nothing. */
  readonly metadata: string | null;
}

/** Where a group stands in these partitions: what was committed, or the partition's beginning when nothing was. */
export async function committedPositions(
  admin: Admin,
  groupId: string,
  partitions: readonly TopicPartition[],
): Promise<CommittedPosition[]> {
  const topics = [...new Set(partitions.map(({ topic }) => topic))];
  if (topics.length === 0) return [];
  const offsets = await admin.fetchOffsets({ groupId, topics });
  const committed = new Map(
    offsets.flatMap(({ topic, partitions: list }) => list.map((entry) => [keyOf(topic, entry.partition), entry])),
  );
  const positions: CommittedPosition[] = [];
  const withoutCommit = new Set<string>();
  for (const { topic, partition } of partitions) {
    const entry = committed.get(keyOf(topic, partition));
    const position = Number(entry?.offset ?? -1);
    if (position >= 0) positions.push({ topic, partition, position, metadata: entry?.metadata || null });
    else withoutCommit.add(topic);
  }
  for (const topic of withoutCommit) {
    const low = await beginnings(admin, topic);
    for (const { topic: name, partition } of partitions) {
      if (name !== topic || Number(committed.get(keyOf(topic, partition))?.offset ?? -1) >= 0) continue;
      positions.push({ topic, partition, position: low.get(partition) ?? 0, metadata: null });
    }
  }
  return positions;
}

/** The first offset that each partition of a topic still holds. */
export async function beginnings(admin: Admin, topic: string): Promise<Map<number, number>> {
  const offsets = await admin.fetchTopicOffsets(topic);
  return new Map(offsets.map(({ partition, low }) => [partition, Number(low)]));
}

export function keyOf(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}
