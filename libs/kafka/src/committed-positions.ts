import type { OffsetLookup } from "./offset-lookup";

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

/** What a partition's log holds: from `low` up to but not including `high`. */
export interface LogBounds {
  readonly low: number;
  readonly high: number;
}

/** Where a group stands in these partitions: what was committed, or the partition's beginning when nothing was. */
export async function committedPositions(
  lookup: OffsetLookup,
  groupId: string,
  partitions: readonly TopicPartition[],
): Promise<CommittedPosition[]> {
  const topics = [...new Set(partitions.map(({ topic }) => topic))];
  if (topics.length === 0) return [];
  const offsets = await lookup.fetchOffsets({ groupId, topics });
  const committed = new Map(
    offsets.flatMap(({ topic, partitions: list }) => list.map((entry) => [keyOf(topic, entry.partition), entry])),
  );
  const bounds = new Map<string, Map<number, LogBounds>>();
  const positions: CommittedPosition[] = [];
  for (const { topic, partition } of partitions) {
    const entry = committed.get(keyOf(topic, partition));
    const position = Number(entry?.offset ?? -1);
    if (position >= 0) {
      positions.push({ topic, partition, position, metadata: entry?.metadata ?? null });
      continue;
    }
    const log = bounds.get(topic) ?? (await logBounds(lookup, topic));
    bounds.set(topic, log);
    positions.push({ topic, partition, position: log.get(partition)?.low ?? 0, metadata: null });
  }
  return positions;
}

/** What each partition of a topic holds at the moment. */
export async function logBounds(lookup: OffsetLookup, topic: string): Promise<Map<number, LogBounds>> {
  const offsets = await lookup.fetchTopicOffsets(topic);
  return new Map(offsets.map(({ partition, low, high }) => [partition, { low: Number(low), high: Number(high) }]));
}

export function keyOf(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}
