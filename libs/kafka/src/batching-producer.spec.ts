import { TOPICS } from "@waggle/contracts";
import type { Kafka, Message, ProducerBatch, RecordMetadata } from "kafkajs";
import { BatchingProducer } from "./batching-producer";

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const partitionMetadata = [{ partitionId: 0, partitionErrorCode: 0, leader: 1, replicas: [1], isr: [1] }];

type Partitioner = (candidate: {
  topic: string;
  partitionMetadata: typeof partitionMetadata;
  message: Message;
}) => number;
type Answer = (batch: ProducerBatch) => Promise<RecordMetadata[]>;

/** A Kafka whose producers answer as told, one answer after the other; the last goes on for ever. */
class FakeKafka {
  readonly batches: (string | null)[][] = [];
  producers = 0;
  closed = 0;

  constructor(private readonly answers: readonly Answer[]) {}

  get kafka(): Kafka {
    // A producer uses nothing else of it.
    return this as unknown as Kafka;
  }

  producer({ createPartitioner }: { createPartitioner: () => Partitioner }) {
    this.producers += 1;
    const partitioner = createPartitioner();
    return {
      connect: async () => undefined,
      disconnect: async () => {
        this.closed += 1;
      },
      sendBatch: async (batch: ProducerBatch): Promise<RecordMetadata[]> => {
        const topicMessages = batch.topicMessages ?? [];
        for (const { topic, messages } of topicMessages) {
          for (const one of messages) partitioner({ topic, partitionMetadata, message: one });
        }
        this.batches.push(
          topicMessages.flatMap(({ messages }) => messages.map(({ value }) => value?.toString() ?? null)),
        );
        const answer = this.answers[Math.min(this.batches.length, this.answers.length) - 1] ?? acknowledged;
        return answer(batch);
      },
    };
  }
}

const acknowledged: Answer = async ({ topicMessages = [] }) =>
  topicMessages.map(({ topic }) => ({ topicName: topic, partition: 0, errorCode: 0 }));
const frozen: Answer = () => new Promise(() => undefined);

function setUp(...answers: Answer[]) {
  const fake = new FakeKafka(answers);
  return { fake, producer: new BatchingProducer({ kafka: fake.kafka, logger: silent }) };
}

function record(value: string, topic = "t") {
  return { topic, key: "k", value };
}

describe("the batching producer", () => {
  it("sends at once when idle, and together what came while a request was under way", async () => {
    let answer = () => {};
    const slow: Answer = async (batch) => {
      await new Promise<void>((resolve) => {
        answer = resolve;
      });
      return acknowledged(batch);
    };
    const { fake, producer } = setUp(slow, acknowledged);
    const first = producer.send([record("a")]);
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    const later = [producer.send([record("b"), record("c", "u")]), producer.send([record("d")])];
    await new Promise((resolve) => setImmediate(resolve));
    expect(fake.batches).toEqual([["a"]]);
    answer();
    await Promise.all([first, ...later]);
    expect(fake.batches).toEqual([["a"], ["b", "d", "c"]]);
    expect(fake.producers).toBe(1);
  });

  it("gathers for a while between requests, but not before the first of them", async () => {
    const fake = new FakeKafka([acknowledged]);
    const every = { leastMs: 40, mostMs: 40 };
    const producer = new BatchingProducer({ kafka: fake.kafka, logger: silent, every });
    await producer.send([record("a")]);
    const sends = [producer.send([record("b")])];
    await wait(5);
    sends.push(producer.send([record("c")]));
    expect(fake.batches).toEqual([["a"]]);
    await Promise.all(sends);
    expect(fake.batches).toEqual([["a"], ["b", "c"]]);
  });

  it("lets what nobody waits for wait for others, until enough are there", async () => {
    const fake = new FakeKafka([acknowledged]);
    const linger = { ms: 40, records: 3 };
    const producer = new BatchingProducer({ kafka: fake.kafka, logger: silent, linger });
    const alone = producer.send([record("a")]);
    await wait(10);
    const together = [producer.send([record("b")])];
    expect(fake.batches).toEqual([]);
    await Promise.all([alone, ...together]);
    expect(fake.batches).toEqual([["a", "b"]]);
    const patient = new BatchingProducer({ kafka: fake.kafka, logger: silent, linger: { ms: 60_000, records: 3 } });
    const first = patient.send([record("c")]);
    await wait(10);
    await Promise.all([first, patient.send([record("d"), record("e")])]);
    expect(fake.batches.at(-1)).toEqual(["c", "d", "e"]);
  });

  it("sends nothing that was given up while it waited for its turn", async () => {
    const fake = new FakeKafka([acknowledged]);
    const every = { leastMs: 200, mostMs: 200 };
    const producer = new BatchingProducer({ kafka: fake.kafka, logger: silent, every });
    await producer.send([record("a")]);
    await expect(producer.send([record("b")], { deadlineMs: 20 })).rejects.toMatchObject({ code: "kafka_unavailable" });
    await producer.drain();
    expect(fake.batches).toEqual([["a"]]);
  });

  it("sends again, first and under another producer id, what an answer does not mention", async () => {
    const silentAbout: Answer = async (batch) =>
      (await acknowledged(batch)).filter(({ topicName }) => topicName !== "u");
    const { fake, producer } = setUp(silentAbout, acknowledged);
    await Promise.all([producer.send([record("a")]), producer.send([record("b", "u")])]);
    expect(fake.batches).toEqual([
      ["a", "b"],
      ["a", "b"],
    ]);
    expect([fake.producers, fake.closed]).toEqual([2, 1]);
  });

  it("tells a caller whose deadline passed, also while the request is under way", async () => {
    const { producer } = setUp(frozen);
    const [underWay, waiting] = [producer.send([record("a")], { deadlineMs: 60 }), wait(20)];
    await waiting;
    const queued = producer.send([record("b")], { deadlineMs: 60 });
    await expect(underWay).rejects.toMatchObject({ code: "kafka_unavailable" });
    await expect(queued).rejects.toMatchObject({ code: "kafka_unavailable" });
    await producer.disconnect();
  });

  it("takes no more with a deadline than it may keep, and always what has none", async () => {
    const fake = new FakeKafka([frozen]);
    const producer = new BatchingProducer({ kafka: fake.kafka, logger: silent, maxPendingBytes: 500 });
    const endless = [producer.send([record("a")]), wait(20)];
    await endless[1];
    const queued = [producer.send([record("b".repeat(400))]), producer.send([record("c".repeat(400))])];
    await expect(producer.send([record("d")], { deadlineMs: 60_000 })).rejects.toMatchObject({
      code: "kafka_unavailable",
    });
    await producer.disconnect();
    for (const one of [endless[0], ...queued]) await expect(one).rejects.toMatchObject({ code: "kafka_unavailable" });
  });

  it("refuses what its topic would never take, before it can reach a batch", async () => {
    const { fake, producer } = setUp(acknowledged);
    const { name = "", maxMessageBytes = 0 } = TOPICS.find(({ cleanup }) => cleanup === "compact") ?? {};
    const send = producer.send([record("small", name), record("x".repeat(maxMessageBytes), name)]);
    await expect(send).rejects.toMatchObject({ code: "record_too_large" });
    expect(fake.batches).toEqual([]);
  });

  it("makes no batch that a topic could refuse as a whole", async () => {
    const { fake, producer } = setUp(acknowledged);
    const smallest = Math.min(...TOPICS.map(({ maxMessageBytes }) => maxMessageBytes));
    await Promise.all(Array.from({ length: 30 }, () => producer.send([record("x".repeat(100_000))])));
    const sizes = fake.batches.map((batch) => batch.reduce((sum, value) => sum + (value?.length ?? 0), 0));
    expect(Math.max(...sizes)).toBeLessThan(smallest);
    expect(fake.batches.flat()).toHaveLength(30);
  });

  it("is drained when nothing waits, and takes nothing once closed", async () => {
    const { fake, producer } = setUp(acknowledged);
    const sends = [producer.send([record("a")]), producer.send([record("b")])];
    await producer.drain();
    await Promise.all(sends);
    await producer.disconnect();
    await expect(producer.send([record("c")])).rejects.toMatchObject({ code: "kafka_unavailable" });
    await producer.send([]);
    expect([fake.batches, fake.closed]).toEqual([[["a", "b"]], 1]);
  });
});

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
