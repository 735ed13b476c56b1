import type { Cluster } from "kafkajs";
import type { FetchAnswer, FetchRounds } from "./fetch-rounds";

interface TopicPartitions {
  readonly topic: string;
  readonly partitions: readonly number[];
}

interface FetchedBatch {
  readonly topic: string;
  readonly fetchedOffset: string;
  readonly highWatermark: string;
  readonly messages: readonly { readonly offset: string }[];
}

/** The part of kafkajs's consumer group that fetches; `fetch` asks the filter once, before it asks the broker. */
interface ConsumerGroup {
  readonly cluster: Cluster;
  fetch(nodeId: string): Promise<readonly FetchedBatch[]>;
  filterPartitionsByNode(nodeId: string, assigned: TopicPartitions[]): TopicPartitions[];
}

const roundsOf = new WeakMap<Cluster, FetchRounds>();
/** From now on the consumer of this cluster object, which its assigner factory is given, fetches in these rounds. */
export function fetchInRounds(cluster: Cluster, rounds: FetchRounds): void {
  roundsOf.set(cluster, rounds);
}

/**
 * kafkajs asks again the moment an answer is worked off, and for every partition it has. Lets a consumer say when it
 * asks, and for what; one that says nothing fetches as ever.
 */
export function patchFetch(): void {
  const { prototype }: { prototype: ConsumerGroup } = require("kafkajs/src/consumer/consumerGroup");
  const { fetch, filterPartitionsByNode } = prototype;
  prototype.fetch = async function fetchInTurn(this: ConsumerGroup, nodeId: string) {
    const rounds = roundsOf.get(this.cluster);
    if (!rounds) return fetch.call(this, nodeId);
    const waitMs = rounds.waitMs(nodeId);
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    rounds.begin(nodeId);
    const batches = await fetch.call(this, nodeId);
    rounds.brought(nodeId, batches.map(answerOf));
    return batches;
  };
  prototype.filterPartitionsByNode = function askedForNow(this: ConsumerGroup, nodeId: string, assigned) {
    const ofNode = filterPartitionsByNode.call(this, nodeId, assigned);
    const rounds = roundsOf.get(this.cluster);
    return rounds ? ofNode.filter(({ topic }) => rounds.asksFor(nodeId, topic)) : ofNode;
  };
}

function answerOf({ topic, messages, fetchedOffset, highWatermark }: FetchedBatch): FetchAnswer {
  const last = messages.at(-1);
  const next = last ? Number(last.offset) + 1 : Number(fetchedOffset);
  return { topic, records: messages.length, isAll: next >= Number(highWatermark) };
}
