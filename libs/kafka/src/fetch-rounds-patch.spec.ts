import type { Cluster } from "kafkajs";
import { createKafka } from "./connection";
import { FetchRounds } from "./fetch-rounds";
import { fetchInRounds } from "./fetch-rounds-patch";

const { prototype } = require("kafkajs/src/consumer/consumerGroup");
const silent = { debug() {}, info() {}, warn() {}, error() {} };
const topics = ["deliveries", "retry.5s"];

/** kafkajs's own consumer group, with a broker that notes what it is asked for. */
function aGroup(answers: number[] = [], { highWatermark }: { readonly highWatermark?: string } = {}) {
  const asked: string[][] = [];
  const broker = {
    fetch: async (request: { topics: { topic: string }[] }) => {
      asked.push(request.topics.map(({ topic }) => topic));
      const count = answers.shift() ?? 0;
      const messages = Array.from({ length: count }, (_, index) => ({ offset: String(index) }));
      const partitions = [
        { partition: 0, messages, highWatermark: highWatermark ?? String(count), abortedTransactions: [] },
      ];
      return { responses: count === 0 ? [] : [{ topicName: "deliveries", partitions }] };
    },
  };
  const cluster = { refreshMetadataIfNecessary: async () => undefined, findBroker: async () => broker };
  const assigned = topics.map((topic) => ({ topic, partitions: [0] }));
  const group = Object.assign(Object.create(prototype), {
    cluster,
    checkForStaleAssignment: () => undefined,
    seekOffsets: async () => undefined,
    seekOffset: { has: () => false },
    findReadReplicaForPartitions: () => ({ 1: [0] }),
    subscriptionState: { assigned: () => assigned, active: () => assigned, isPaused: () => false },
    offsetManager: {
      committedOffsets: () => Object.fromEntries(topics.map((topic) => [topic, { 0: "0" }])),
      nextOffset: () => "0",
    },
    preferredReadReplicasPerTopicPartition: {},
  });
  // Only what names it matters to the rounds.
  return { group, asked, cluster: cluster as unknown as Cluster };
}

beforeAll(() => createKafka({ brokers: ["127.0.0.1:1"], ssl: false, sasl: null, clientId: "test", logger: silent }));
beforeEach(() => jest.useFakeTimers({ now: 1_000_000 }));
afterEach(() => jest.useRealTimers());

describe("the fetch patch", () => {
  it("lets a consumer without rounds fetch as ever", async () => {
    const { group, asked } = aGroup();
    await group.fetch("1");
    await group.fetch("1");
    expect(asked).toEqual([topics, topics]);
  });

  it("asks in rounds, for some topics only now and then, less often after much was brought", async () => {
    const { group, asked, cluster } = aGroup([1, 15, 0]);
    const every = { leastMs: 5, mostMs: 20 };
    fetchInRounds(cluster, new FetchRounds({ every, seldom: { topics: ["retry.5s"], everyMs: 500 } }, 100));
    await group.fetch("1");
    const second = group.fetch("1");
    await jest.advanceTimersByTimeAsync(4);
    expect(asked).toEqual([topics]);
    await jest.advanceTimersByTimeAsync(1);
    expect((await second)[0].messages).toHaveLength(15);
    expect(asked).toEqual([topics, ["deliveries"]]);
    const third = group.fetch("1");
    await jest.advanceTimersByTimeAsync(14);
    expect(asked).toHaveLength(2);
    await jest.advanceTimersByTimeAsync(1);
    await third;
    await jest.advanceTimersByTimeAsync(500);
    await group.fetch("1");
    expect(asked.slice(2)).toEqual([["deliveries"], topics]);
  });

  it("asks at once for what did not fit into an answer", async () => {
    const { group, asked, cluster } = aGroup([3, 3], { highWatermark: "9" });
    fetchInRounds(cluster, new FetchRounds({ every: { leastMs: 500, mostMs: 500 } }, 100));
    await group.fetch("1");
    await group.fetch("1");
    expect(asked).toHaveLength(2);
    await group.fetch("1");
    const waiting = group.fetch("1");
    await jest.advanceTimersByTimeAsync(499);
    expect(asked).toHaveLength(3);
    await jest.advanceTimersByTimeAsync(1);
    await waiting;
    expect(asked).toHaveLength(4);
  });
});
