import fc from "fast-check";
import { Partitioners } from "kafkajs";
import { keyPartitioner, murmur2 } from "./key-partitioner";

const partitionMetadata = Array.from({ length: 12 }, (_, partitionId) => ({
  partitionErrorCode: 0,
  partitionId,
  leader: 1,
  replicas: [1],
  isr: [1],
}));

describe("murmur2", () => {
  // From Apache Kafka's UtilsTest.
  it.each([
    ["21", -973_932_308],
    ["foobar", -790_332_482],
    ["a-little-bit-long-string", -985_981_536],
    ["a-little-bit-longer-string", -1_486_304_829],
    ["lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971],
    ["abc", 479_470_107],
  ])("of %s is what Kafka's own clients compute", (key, hash) => {
    expect(murmur2(Buffer.from(key))).toBe(hash);
  });
});

describe("keyPartitioner", () => {
  it("chooses the partition that kafkajs would", () => {
    const theirs = Partitioners.DefaultPartitioner();
    const ours = keyPartitioner();
    const keys = fc.oneof(
      fc.string({ unit: "grapheme" }),
      fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    );
    const property = fc.property(keys, (key) => {
      const record = { topic: "t", partitionMetadata, message: { key, value: null } };
      expect(ours(record)).toBe(theirs(record));
    });
    fc.assert(property);
  });

  it("leaves a record where it says it goes", () => {
    const message = { key: "key", value: null, partition: 7 };
    expect(keyPartitioner()({ topic: "t", partitionMetadata, message })).toBe(7);
  });

  it("spreads records without a key", () => {
    const partition = keyPartitioner();
    const message = { key: null, value: null };
    const chosen = partitionMetadata.map(() => partition({ topic: "t", partitionMetadata, message }));
    expect(new Set(chosen).size).toBe(partitionMetadata.length);
  });

  it("takes no longer than it must for the longest key a publisher can send", () => {
    const startedAt = process.cpuUsage();
    keyPartitioner()({ topic: "t", partitionMetadata, message: { key: "m".repeat(262_144), value: null } });
    expect(process.cpuUsage(startedAt).user).toBeLessThan(100_000);
  });
});
