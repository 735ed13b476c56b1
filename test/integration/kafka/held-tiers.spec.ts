import { BatchingProducer, HeldTiers } from "@waggle/kafka";
import { eventually } from "@waggle/testing";
import { client, committed, Member, newTopic, silent, unique } from "./lab";

jest.setTimeout(60_000);

const BYTES = 100_000;
const RECORDS = 600;

describe("held tiers over a real topic", () => {
  it("let go every record once, in order and never early, and hold no more than they may", async () => {
    const kafka = client();
    const topic = await newTopic(kafka, 2);
    const groupId = unique("group");
    const producer = new BatchingProducer({ kafka, logger: silent });
    await producer.connect();
    const start = Date.now() + 1_000;
    // As many bytes as fit ten times into what may be held, due one after the other.
    for (let n = 0; n < RECORDS; n += 20) {
      const batch = Array.from({ length: 20 }, (_, at) => ({ n: n + at, dueAt: start + (n + at) * 5 }));
      await producer.send(
        batch.map(({ n: name, dueAt }) => ({
          topic,
          key: null,
          value: Buffer.alloc(1_500),
          headers: { due: String(dueAt), name: String(name) },
          partition: name % 2,
        })),
      );
    }
    const released: { name: number; late: number }[] = [];
    let mostHeld = 0;
    const member: Member = new Member({
      kafka,
      groupId,
      topics: [topic],
      onRecords(records) {
        for (const record of records) tiers.hold(record, Number(record.headers.due));
        mostHeld = Math.max(mostHeld, tiers.held.bytes);
      },
    });
    const { consumer } = member;
    const tiers = new HeldTiers({
      recordsPerPartition: 500,
      bytes: BYTES,
      now: Date.now,
      gate: () => true,
      onDue(record) {
        released.push({ name: Number(record.headers.name), late: Date.now() - Number(record.headers.due) });
        record.done();
      },
      pause: (name, partition) => consumer.pause(name, partition),
      resume: (name, partition) => consumer.resume(name, partition),
      rewind: (name, partition, offset) => consumer.rewind(name, partition, offset),
    });
    await consumer.start();
    await eventually("every record", () => released.length >= RECORDS, 30_000);
    await eventually("all commits", async () => (await committed(kafka, groupId, topic)).join() === "300,300");
    tiers.close();
    await member.leave();
    await producer.disconnect();
    for (const parity of [0, 1]) {
      const names = released.map(({ name }) => name).filter((name) => name % 2 === parity);
      expect(names).toEqual(Array.from({ length: RECORDS / 2 }, (_, at) => at * 2 + parity));
    }
    expect(Math.min(...released.map(({ late }) => late))).toBeGreaterThanOrEqual(0);
    expect(mostHeld).toBeLessThanOrEqual(BYTES);
    expect(member.failures).toEqual([]);
  });
});
