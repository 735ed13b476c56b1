import { BatchingProducer } from "@waggle/kafka";
import { TopicTail } from "@waggle/testing";
import type { Kafka } from "kafkajs";
import { client, newTopic, silent } from "./lab";

jest.setTimeout(60_000);

/** Counts the produce requests of every producer that is made from now on. */
function countRequests(kafka: Kafka): () => number {
  let requests = 0;
  const create = kafka.producer.bind(kafka);
  kafka.producer = (config) => {
    const producer = create(config);
    producer.on(producer.events.REQUEST, ({ payload }) => {
      if (payload.apiName === "Produce") requests += 1;
    });
    return producer;
  };
  return () => requests;
}

describe("the batching producer", () => {
  const kafka = client();
  const requests = countRequests(kafka);
  const producer = new BatchingProducer({ kafka, logger: silent });
  let topic: string;
  let small: string;

  beforeAll(async () => {
    [topic, small] = [await newTopic(kafka, 6), await newTopic(kafka, 6, 20_000)];
    await producer.connect();
  });
  afterAll(() => producer.disconnect());

  it("writes all records of a send, over several topics and partitions, in one request", async () => {
    const before = requests();
    const records = Array.from({ length: 60 }, (_, n) => ({
      topic: n % 2 ? topic : small,
      key: `one-${n}`,
      value: Buffer.from(`value ${n}`),
    }));
    await producer.send(records);
    expect(requests() - before).toBe(1);
    const tail = await TopicTail.open(kafka, [topic, small]);
    const found = await tail.until("record", ({ key }) => String(key).startsWith("one-"), 60);
    await tail.close();
    expect(new Set(found.map(({ topic: name, partition }) => `${name}/${partition}`)).size).toBeGreaterThan(6);
    expect(found.map(({ value }) => String(value)).sort()).toEqual(records.map(({ value }) => String(value)).sort());
  });

  it("keeps keys, values, headers and chosen partitions to the byte, nulls and bytes that are no text included", async () => {
    const binary = Buffer.from([0, 255, 128, 10]);
    await producer.send([
      { topic, key: binary, value: binary, headers: { bytes: binary, text: "ä" }, partition: 4 },
      { topic, key: "empty", value: Buffer.alloc(0), partition: 4 },
      { topic, key: "nothing", value: null, partition: 4 },
    ]);
    const tail = await TopicTail.open(kafka, [topic]);
    const found = await tail.until(
      "record",
      ({ key }) => ["empty", "nothing"].includes(String(key)) || key?.equals(binary) === true,
      3,
    );
    await tail.close();
    expect(found.map(({ partition }) => partition)).toEqual([4, 4, 4]);
    expect(found.map(({ value }) => value)).toEqual([binary, Buffer.alloc(0), null]);
    expect(found[0]?.headers).toEqual({ bytes: binary, text: Buffer.from("ä") });
  });

  it("gathers by itself: thousands of single sends are a few requests, and none is lost or doubled", async () => {
    const before = requests();
    const sends = [];
    for (let n = 0; n < 5_000; n++) {
      sends.push(producer.send([{ topic, key: `many-${n}`, value: String(n) }]));
      if (n % 500 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await Promise.all(sends);
    expect(requests() - before).toBeLessThan(50);
    const tail = await TopicTail.open(kafka, [topic]);
    const found = await tail.until("record", ({ key }) => String(key).startsWith("many-"), 5_000);
    await tail.close();
    expect(new Set(found.map(({ value }) => String(value))).size).toBe(5_000);
  });

  it("refuses the one send that the broker never takes, and writes those that came with it", async () => {
    const key = "mixed";
    const good = Array.from({ length: 20 }, (_, n) => producer.send([{ topic: small, key, value: `good ${n}` }]));
    const bad = producer.send([{ topic: small, key, value: Buffer.alloc(30_000) }]);
    const more = producer.send([{ topic, key, value: "another topic" }]);
    await expect(bad).rejects.toMatchObject({ code: "record_too_large" });
    await Promise.all([...good, more]);
    const tail = await TopicTail.open(kafka, [small, topic]);
    const found = await tail.until("record", (record) => String(record.key) === key, 21);
    await tail.close();
    const values = new Set(found.map(({ value }) => String(value)));
    expect(values).toEqual(new Set([...good.map((_, n) => `good ${n}`), "another topic"]));
  });

  it("still tells the truth afterwards: what it acknowledges is there", async () => {
    const sends = Array.from({ length: 50 }, (_, n) =>
      producer.send([{ topic: small, key: `after-${n}`, value: "x" }]),
    );
    await Promise.all(sends);
    const tail = await TopicTail.open(kafka, [small]);
    expect(await tail.until("record", ({ key }) => String(key).startsWith("after-"), 50)).toHaveLength(50);
    await tail.close();
  });

  it("is drained when everything is acknowledged", async () => {
    const done: number[] = [];
    for (let n = 0; n < 100; n++) void producer.send([{ topic, key: "drain", value: "x" }]).then(() => done.push(n));
    await producer.drain();
    await new Promise((resolve) => setImmediate(resolve));
    expect(done).toHaveLength(100);
  });
});
