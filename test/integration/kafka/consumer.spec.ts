import { BatchingProducer } from "@waggle/kafka";
import { eventually } from "@waggle/testing";
import { ask, client, committed, Member, newTopic, silent, unique } from "./lab";

jest.setTimeout(60_000);

describe("the watermark consumer", () => {
  const kafka = client();
  const producer = new BatchingProducer({ kafka, logger: silent });
  const members: Member[] = [];

  beforeAll(() => producer.connect());
  afterEach(async () => {
    for (const member of members.splice(0)) {
      await member.leave();
      expect(member.failures).toEqual([]);
    }
  });
  afterAll(() => producer.disconnect());

  async function start(options: ConstructorParameters<typeof Member>[0]): Promise<Member> {
    const member = await Member.start(options);
    members.push(member);
    return member;
  }

  /** A topic of one partition with so many records, and a group nobody has been in. */
  async function filled(count: number, bytes = 10): Promise<{ topic: string; groupId: string }> {
    const topic = await newTopic(kafka);
    await append(topic, count, bytes);
    return { topic, groupId: unique("group") };
  }

  async function append(topic: string, count: number, bytes = 10): Promise<void> {
    const records = Array.from({ length: count }, () => ({ topic, key: null, value: Buffer.alloc(bytes) }));
    await producer.send(records);
  }

  function offsets(member: Member): number[] {
    return member.records.map(({ offset }) => offset);
  }

  it("commits up to the first unfinished record, and whoever follows meets only what was not done", async () => {
    const { topic, groupId } = await filled(10);
    const first = await start({ kafka, groupId, topics: [topic] });
    await first.until(10);
    for (const offset of [5, 3, 1, 0]) first.records[offset]?.done();
    await eventually("a commit", async () => (await committed(kafka, groupId, topic))[0] === 2);
    await first.leave();

    const second = await start({ kafka, groupId, topics: [topic] });
    await second.until(6);
    expect(offsets(second)).toEqual([2, 4, 6, 7, 8, 9]);
    second.records[0]?.done();
    await second.leave();

    const third = await start({ kafka, groupId, topics: [topic] });
    await third.until(5);
    expect(offsets(third)).toEqual([4, 6, 7, 8, 9]);
    expect(await committed(kafka, groupId, topic)).toEqual([4]);
  });

  it("stops fetching when too much is out, and goes on when half of it is done", async () => {
    const { topic, groupId } = await filled(10, 2_000);
    // The broker hands out a batch as it was written, so here are many small ones.
    for (let n = 0; n < 29; n++) await append(topic, 10, 2_000);
    let rooms = 0;
    const limits = { records: 10, bytes: 10_000_000 };
    const member = await start({ kafka, groupId, topics: [topic], limits, onRoom: () => (rooms += 1) });
    let most = 0;
    await eventually("everything in portions", () => {
      most = Math.max(most, member.consumer.out.records);
      if (member.consumer.isFull) for (const record of member.records) record.done();
      return member.records.length >= 300;
    });
    // What one fetch brings of a partition may exceed the limit, nothing after it.
    expect(most).toBeLessThan(10 + 131_072 / 2_000);
    expect(rooms).toBeGreaterThan(3);
    expect(offsets(member)).toEqual(Array.from({ length: 300 }, (_, offset) => offset));
  });

  it("does not count what was set aside against its limits", async () => {
    const { topic, groupId } = await filled(300, 2_000);
    const limits = { records: 10, bytes: 10_000_000 };
    const member = await start({
      kafka,
      groupId,
      topics: [topic],
      limits,
      onRecords(records) {
        for (const record of records) record.shelve();
        member.records.push(...records);
      },
    });
    await member.until(300);
    expect([member.consumer.isFull, member.consumer.out.records]).toEqual([false, 0]);
  });

  it("leaves a paused partition alone, and reads the others", async () => {
    const topic = await newTopic(kafka, 2);
    const groupId = unique("group");
    const member = await start({ kafka, groupId, topics: [topic] });
    await eventually("both partitions", () => member.partitions.length === 2);
    member.consumer.pause(topic, 0);
    const send = (partition: number) => producer.send([{ topic, key: null, value: "x", partition }]);
    await send(0);
    for (let n = 0; n < 5; n++) await send(1);
    await member.until(5);
    expect(member.records.map(({ partition }) => partition)).toEqual([1, 1, 1, 1, 1]);
    member.consumer.resume(topic, 0);
    await member.until(6);
    expect(member.records[5]?.partition).toBe(0);
  });

  it("hands out again what was put back, and only that", async () => {
    const { topic, groupId } = await filled(10);
    const member = await start({ kafka, groupId, topics: [topic] });
    const records = [...(await member.until(10))];
    records[7]?.done();
    member.consumer.pause(topic, 0);
    member.consumer.rewind(topic, 0, 4);
    expect(records.map(({ owned }) => owned)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((offset) => offset < 4));
    for (const record of records) record.done();
    await eventually("a commit", async () => (await committed(kafka, groupId, topic))[0] === 4);
    member.consumer.resume(topic, 0);
    await member.until(15);
    expect(offsets(member).slice(10)).toEqual([4, 5, 6, 8, 9]);
  });

  it("goes on at the beginning of what is kept when retention has passed it", async () => {
    const { topic, groupId } = await filled(10);
    const member = await start({ kafka, groupId, topics: [topic] });
    for (const record of await member.until(10)) record.done();
    member.consumer.pause(topic, 0);
    await append(topic, 10);
    await ask(kafka, async (admin) => {
      // kafkajs deletes in topics only whose leaders it has looked up.
      await admin.fetchTopicOffsets(topic);
      await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: "15" }] });
    });
    member.consumer.resume(topic, 0);
    await member.until(15);
    expect(offsets(member).slice(10)).toEqual([15, 16, 17, 18, 19]);
    for (const record of member.records) record.done();
    await eventually("the last commit", async () => (await committed(kafka, groupId, topic))[0] === 20);
  });

  it("goes on behind an aborted transaction, which leaves nothing to hand out", async () => {
    const { topic, groupId } = await filled(2);
    const transactional = kafka.producer({ transactionalId: unique("tx"), idempotent: true, maxInFlightRequests: 1 });
    await transactional.connect();
    const transaction = await transactional.transaction();
    await transaction.send({ topic, messages: [{ value: "never" }, { value: "never" }] });
    await transaction.abort();
    await transactional.disconnect();
    await append(topic, 2);
    const member = await start({ kafka, groupId, topics: [topic] });
    for (const record of await member.until(4)) record.done();
    expect(member.records.map(({ value }) => String(value))).not.toContain("never");
    await eventually("the last commit", async () => (await committed(kafka, groupId, topic))[0] === 7);
  });

  it("stops when what is out is done, commits it and leaves the group", async () => {
    const { topic, groupId } = await filled(5);
    const member = await start({ kafka, groupId, topics: [topic] });
    const records = [...(await member.until(5))];
    let isStopped = false;
    const stopped = member.consumer.stop().then(() => {
      isStopped = true;
    });
    await append(topic, 5);
    for (const record of records) {
      expect(isStopped).toBe(false);
      record.done();
    }
    await stopped;
    expect(member.records).toHaveLength(5);
    expect(await committed(kafka, groupId, topic)).toEqual([5]);
    const { groups } = await ask(kafka, (admin) => admin.describeGroups([groupId]));
    expect(groups[0]?.members).toEqual([]);
  });
});
