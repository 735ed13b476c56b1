import { AssignerProtocol, type Cluster, type PartitionMetadata } from "kafkajs";
import { coPartitionAssigner } from "./co-partition-assigner";

const { MemberAssignment, MemberMetadata } = AssignerProtocol;

/** A cluster whose topics have so many partitions each, of which only those asked for are known. */
function clusterWith(topics: Readonly<Record<string, number>>, known: readonly string[] = []): Cluster {
  const targets = new Set(known);
  const cluster: Pick<Cluster, "addTargetTopic" | "findTopicPartitionMetadata"> = {
    async addTargetTopic(topic) {
      if (!(topic in topics)) throw new Error("UNKNOWN_TOPIC_OR_PARTITION");
      targets.add(topic);
    },
    findTopicPartitionMetadata: (topic) =>
      Array.from({ length: targets.has(topic) ? (topics[topic] ?? 0) : 0 }, (_, partitionId) => partition(partitionId)),
  };
  // The assigner uses nothing else of it.
  return cluster as Cluster;
}

function partition(partitionId: number): PartitionMetadata {
  return { partitionId, partitionErrorCode: 0, leader: 1, replicas: [1], isr: [1] };
}

interface Member {
  readonly memberId: string;
  readonly topics: readonly string[];
  readonly userData: string;
}

async function assign(cluster: Cluster, leaderTopics: string[], members: readonly Member[]) {
  const assigner = coPartitionAssigner(() => ({ owned: [], stale: true }))({ cluster, groupId: "g", logger });
  const group = members.map(({ memberId, topics, userData }) => ({
    memberId,
    memberMetadata: MemberMetadata.encode({ version: 1, topics: [...topics], userData: Buffer.from(userData) }),
  }));
  const assignments = await assigner.assign({ members: group, topics: leaderTopics });
  return Object.fromEntries(
    assignments.map(({ memberId, memberAssignment }) => [
      memberId,
      MemberAssignment.decode(memberAssignment)?.assignment,
    ]),
  );
}

const nothing = () => undefined;
const logger = {
  error: nothing,
  warn: nothing,
  info: nothing,
  debug: nothing,
  namespace: () => logger,
  setLogLevel: nothing,
};

describe("the co-partition assigner", () => {
  it("gives a partition of every topic to the same member, and each member what it claims", async () => {
    const topics = ["deliveries", "retries"];
    const assigned = await assign(clusterWith({ deliveries: 4, retries: 4 }), topics, [
      { memberId: "a", topics, userData: '{"owned":[2,3],"stale":false}' },
      { memberId: "b", topics, userData: '{"owned":[0,1],"stale":false}' },
    ]);
    expect(assigned).toEqual({
      a: { deliveries: [2, 3], retries: [2, 3] },
      b: { deliveries: [0, 1], retries: [0, 1] },
    });
  });

  it("assigns a topic that only a newer release knows to the members that know it", async () => {
    const cluster = clusterWith({ old: 2, new: 2 }, ["old"]);
    const assigned = await assign(
      cluster,
      ["old"],
      [
        { memberId: "a", topics: ["old"], userData: "" },
        { memberId: "b", topics: ["old", "new"], userData: "" },
      ],
    );
    expect(assigned).toEqual({ a: { old: [0] }, b: { old: [1], new: [1] } });
  });

  it("goes on without a topic that does not exist", async () => {
    const assigned = await assign(
      clusterWith({ here: 1 }),
      ["here"],
      [{ memberId: "a", topics: ["here", "gone"], userData: "" }],
    );
    expect(assigned).toEqual({ a: { here: [0], gone: [] } });
  });

  it("leaves what a smaller topic does not have to the larger ones", async () => {
    const topics = ["small", "large"];
    const assigned = await assign(clusterWith({ small: 1, large: 3 }), topics, [
      { memberId: "a", topics, userData: '{"owned":[1,2],"stale":false}' },
      { memberId: "b", topics, userData: "" },
    ]);
    expect(assigned).toEqual({ a: { small: [], large: [1, 2] }, b: { small: [0], large: [0] } });
  });

  it.each(["", "{", "null", "[1]", '{"owned":"all"}', '{"owned":["1"],"stale":false}'])(
    "takes a claim it cannot read (%s) for none",
    async (userData) => {
      const assigned = await assign(
        clusterWith({ t: 2 }),
        ["t"],
        [
          { memberId: "a", topics: ["t"], userData },
          { memberId: "b", topics: ["t"], userData: '{"owned":[0],"stale":false}' },
        ],
      );
      expect(assigned).toEqual({ a: { t: [1] }, b: { t: [0] } });
    },
  );

  it("tells the leader what its member owns", () => {
    const claim = { owned: [3, 1], stale: false };
    const assigner = coPartitionAssigner(() => claim)({ cluster: clusterWith({}), groupId: "g", logger });
    const decoded = MemberMetadata.decode(assigner.protocol({ topics: ["t"] }).metadata);
    expect(decoded?.topics).toEqual(["t"]);
    expect(JSON.parse(String(decoded?.userData))).toEqual(claim);
  });
});
