import fc from "fast-check";
import { recordBytes, type SendGroup, SendQueue } from "./send-queue";

interface Sent extends SendGroup {
  readonly outcomes: string[];
}

function group(count: number, bytes: number, expiresAt: number | null = null): Sent {
  const outcomes: string[] = [];
  const records = Array.from({ length: count }, () => ({ topic: "t", key: null, value: null }));
  return {
    records,
    bytes,
    expiresAt,
    outcomes,
    resolve: () => outcomes.push("written"),
    reject: (error) => outcomes.push("code" in error ? String(error.code) : error.message),
  };
}

describe("the send queue", () => {
  it("hands out everything once, in order, in batches that exceed the caps only by a group that does so alone", () => {
    const groups = fc.array(fc.tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 300 })));
    const property = fc.property(groups, (sizes) => {
      const queue = new SendQueue({ records: 10, bytes: 200 });
      const all = sizes.map(([count, bytes]) => group(count, bytes));
      for (const one of all) queue.push(one);
      expect(queue.bytes).toBe(all.reduce((sum, { bytes }) => sum + bytes, 0));
      const taken: SendGroup[] = [];
      while (!queue.isEmpty) {
        const batch = queue.take();
        const records = batch.reduce((sum, one) => sum + one.records.length, 0);
        const bytes = batch.reduce((sum, one) => sum + one.bytes, 0);
        expect(batch.length === 1 || (records <= 10 && bytes <= 200)).toBe(true);
        taken.push(...batch);
      }
      expect(taken).toEqual(all);
      expect(queue.bytes).toBe(0);
    });
    fc.assert(property);
  });

  it("drops what nobody waits for any more, and only that", () => {
    const queue = new SendQueue({ records: 100, bytes: 1_000 });
    const [late, patient, endless] = [group(1, 10, 1_000), group(1, 20, 1_001), group(1, 40)];
    for (const one of [late, patient, endless]) queue.push(one);
    queue.expire(1_000);
    expect([late, patient, endless].map(({ outcomes }) => outcomes)).toEqual([["kafka_unavailable"], [], []]);
    expect(queue.bytes).toBe(60);
    expect(queue.take()).toEqual([patient, endless]);
  });

  it("can be abandoned, with those who would wait for ever", () => {
    const queue = new SendQueue({ records: 100, bytes: 1_000 });
    const [patient, endless] = [group(1, 20, 1_001), group(1, 40)];
    for (const one of [patient, endless]) queue.push(one);
    queue.abandon("closed");
    expect([patient, endless].map(({ outcomes }) => outcomes)).toEqual([["kafka_unavailable"], ["kafka_unavailable"]]);
    expect([queue.isEmpty, queue.bytes]).toEqual([true, 0]);
  });
});

describe("the bytes of a record", () => {
  it("count what it carries in bytes, not characters", () => {
    const plain = recordBytes({ topic: "t", key: "ab", value: "cd", headers: { e: "f" } });
    const wide = recordBytes({ topic: "t", key: "äb", value: Buffer.from("cd"), headers: { é: "€" } });
    expect(wide - plain).toBe(4);
    expect(recordBytes({ topic: "t", key: null, value: null })).toBeGreaterThan(0);
  });
});
