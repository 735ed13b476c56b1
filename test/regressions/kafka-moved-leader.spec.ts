import { BatchingProducer, type KafkaLogger } from "@waggle/kafka";
import { type Kafka, KafkaJSProtocolError, type Producer } from "kafkajs";

const createProducer = require("kafkajs/src/producer");

const silent: KafkaLogger = { debug() {}, info() {}, warn() {}, error() {} };

interface ProduceRequest {
  readonly topicData: readonly {
    readonly topic: string;
    readonly partitions: readonly { readonly partition: number; readonly messages: readonly { value: Buffer }[] }[];
  }[];
}

/**
 * Two brokers as kafkajs sees them, each leading one partition of topic `t`. The second fails once, with which its
 * partition moves to the first: what every restart of a broker of a cluster looks like.
 */
class TwoBrokers {
  readonly stored: string[] = [];
  private leaders = [1, 2];
  readonly retry = { retries: 3, initialRetryTime: 1 };
  private producerId = 0;

  kafka(): Kafka {
    const producer = (options: object): Producer =>
      createProducer({ cluster: this, logger: kafkajsLogger, ...options });
    // A producer is all that is asked of it.
    return { producer } as Kafka;
  }

  async connect() {}
  async disconnect() {}
  async refreshMetadata() {}
  async refreshMetadataIfNecessary() {}
  async addMultipleTargetTopics() {}
  removeBroker() {}

  isConnected(): boolean {
    return true;
  }

  async findControllerBroker() {
    return { initProducerId: async () => ({ producerId: this.producerId++, producerEpoch: 0 }) };
  }

  findTopicPartitionMetadata() {
    return this.leaders.map((leader, partitionId) => ({ partitionId, leader }));
  }

  findLeaderForPartitions(_topic: string, partitions: readonly string[]) {
    const led: Record<number, number[]> = {};
    for (const partition of partitions.map(Number)) {
      const leader = this.leaders[partition] ?? 0;
      led[leader] = [...(led[leader] ?? []), partition];
    }
    return led;
  }

  private readonly brokers = [1, 2].map((nodeId) => ({
    nodeId,
    produce: async ({ topicData }: ProduceRequest) => {
      if (nodeId === 2) {
        this.leaders = [1, 1];
        throw new KafkaJSProtocolError(
          Object.assign(new Error("not the leader"), { type: "NOT_LEADER", retriable: true }),
        );
      }
      const topics = topicData.map(({ topic, partitions }) => ({
        topicName: topic,
        partitions: partitions.map(({ partition, messages }) => {
          for (const { value } of messages) this.stored.push(value.toString());
          return { partition, errorCode: 0 };
        }),
      }));
      return { topics };
    },
  }));

  async findBroker({ nodeId }: { nodeId: string }) {
    return this.brokers[Number(nodeId) - 1];
  }
}

const nothing = () => undefined;
const kafkajsLogger = { debug: nothing, info: nothing, warn: nothing, error: nothing, namespace: () => kafkajsLogger };

const records = ["to the first", "to the second"].map((value, partition) => ({
  topic: "t",
  key: null,
  value: Buffer.from(value),
  partition,
}));

describe("a partition whose leader moves to a broker that has answered already", () => {
  it("is passed over by kafkajs, which acknowledges all the same", async () => {
    const brokers = new TwoBrokers();
    const producer = brokers.kafka().producer({ idempotent: true, retry: { retries: 3, initialRetryTime: 1 } });
    await producer.connect();
    await producer.sendBatch({ topicMessages: [{ topic: "t", messages: records }] });
    expect(brokers.stored).toEqual(["to the first"]);
  });

  it("is sent to by us before anything is acknowledged", async () => {
    const brokers = new TwoBrokers();
    const producer = new BatchingProducer({ kafka: brokers.kafka(), logger: silent });
    await producer.send(records);
    expect(brokers.stored).toContain("to the second");
    await producer.disconnect();
  });
});
