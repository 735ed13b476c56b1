import { BatchingProducer, type ConsumedRecord } from "@waggle/kafka";
import { eventually, PrivateBroker, TopicTail, testBrokers } from "@waggle/testing";
import { ask, client, committed, Member, newTopic, silent, unique } from "./lab";

jest.setTimeout(180_000);

/** Short, so that a freeze of some seconds outlasts all tries of a kafkajs producer. */
const REQUEST_TIMEOUT_MS = 400;

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

type MemberOptions = ConstructorParameters<typeof Member>[0];

describe("a broker that fails", () => {
  let broker: PrivateBroker;
  const cleanups: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    broker = await PrivateBroker.start();
  });
  afterEach(async () => {
    broker.thaw();
    await Promise.all(cleanups.splice(0).map((cleanUp) => cleanUp()));
  });
  afterAll(() => broker.close());

  const kafka = () => client(broker.brokers, REQUEST_TIMEOUT_MS);

  function newProducer(): BatchingProducer {
    const producer = new BatchingProducer({ kafka: kafka(), logger: silent });
    cleanups.push(() => producer.disconnect());
    return producer;
  }

  function newMember(options: Partial<MemberOptions> & Omit<MemberOptions, "kafka">): Member {
    const member = new Member({ kafka: kafka(), ...options });
    cleanups.push(() => member.leave());
    return member;
  }

  it("may come after those who need it", async () => {
    const topic = await newTopic(kafka());
    await broker.kill();
    const producer = newProducer();
    const connected = producer.connect();
    const hasty = producer.send([{ topic, key: null, value: "hasty" }], { deadlineMs: 300 });
    await expect(hasty).rejects.toMatchObject({ code: "kafka_unavailable" });
    const patient = producer.send([{ topic, key: null, value: "patient" }]);
    const member = newMember({ groupId: unique("group"), topics: [topic] });
    const started = member.consumer.start();
    await broker.start();
    await Promise.all([connected, patient, started]);
    await eventually("the record", () => member.records.some(({ value }) => String(value) === "patient"), 30_000);
    expect(member.failures).toEqual([]);
  });

  it("may stand still when a consumer first turns to it", async () => {
    const topic = await newTopic(kafka());
    await ask(kafka(), (admin) => admin.fetchTopicOffsets(topic));
    broker.freeze();
    const warn = jest.fn();
    const member = newMember({ groupId: unique("group"), topics: [topic], logger: { ...quiet, warn } });
    const started = member.consumer.start();
    const failures = () => warn.mock.calls.filter(([, event]) => event === "consumer.connect_failed").length;
    await eventually("a try in vain", () => failures() > 0, 60_000);
    broker.thaw();
    await started;
    await newProducer().send([{ topic, key: null, value: "late" }]);
    await eventually("the record", () => member.records.length === 1, 60_000);
  });

  it("is passed over when it stands still and others are named beside it", async () => {
    const both = client([...broker.brokers, ...testBrokers()], REQUEST_TIMEOUT_MS);
    const topic = await newTopic(client());
    broker.freeze();
    const producer = new BatchingProducer({ kafka: both, logger: silent });
    cleanups.push(() => producer.disconnect());
    const member = newMember({ kafka: both, groupId: unique("group"), topics: [topic] });
    await Promise.all([member.consumer.start(), producer.send([{ topic, key: null, value: "elsewhere" }])]);
    await eventually("the record", () => member.records.length === 1, 60_000);
    expect(member.failures).toEqual([]);
  });

  it("need not come at all for those who no longer wait", async () => {
    const member = newMember({ groupId: unique("group"), topics: [unique("never made")] });
    const started = member.consumer.start();
    await new Promise((resolve) => setTimeout(resolve, 200));
    await member.leave();
    await started;
    expect(member.failures).toEqual([]);
  });

  it("loses nothing it acknowledged when it stands still for longer than any try, and is believed again after", async () => {
    const topic = await newTopic(kafka(), 6);
    const producer = newProducer();
    await producer.connect();
    const acknowledged: string[] = [];
    const unknown: string[] = [];
    let isWriting = true;
    let next = 0;
    const write = async (deadlineMs: number | undefined) => {
      while (isWriting) {
        const names = Array.from({ length: 5 }, () => String(next++));
        const records = names.map((name) => ({ topic, key: name, value: name }));
        const outcome = await producer.send(records, deadlineMs === undefined ? {} : { deadlineMs }).then(
          () => acknowledged,
          () => unknown,
        );
        outcome.push(...names);
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
    };
    const writers = [...[1, 2, 3].map(() => write(1_000)), write(undefined)];
    await eventually("some records", () => acknowledged.length > 200);
    broker.freeze();
    // Each gives up several times over, and with it several kafkajs producers are given up.
    await eventually("callers to give up", () => unknown.length >= 75, 60_000);
    broker.thaw();
    const before = acknowledged.length;
    await eventually("records to be acknowledged again", () => acknowledged.length > before + 500, 30_000);
    isWriting = false;
    await Promise.all(writers);
    await producer.drain();

    const tail = await TopicTail.open(kafka(), [topic]);
    const readable = () => new Set(tail.records.map(({ value }) => String(value)));
    await tail.until("the last record", ({ value }) => String(value) === acknowledged.at(-1));
    const missing = () => acknowledged.filter((name) => !readable().has(name));
    await eventually("every acknowledged record", () => missing().length === 0).catch(() => undefined);
    await tail.close();
    expect(missing()).toEqual([]);
  });

  it("may be killed under consumers: they go on by themselves, long before a session expires, and nothing is lost", async () => {
    const topic = await newTopic(kafka(), 4);
    const groupId = unique("group");
    const finished = new Set<string>();
    const onRecords = (records: readonly ConsumedRecord[]) => {
      for (const record of records) {
        const finish = () => {
          finished.add(String(record.value));
          record.done();
        };
        setTimeout(finish, 300 * Math.random());
      }
    };
    const member = newMember({ groupId, topics: [topic], onRecords, sessionTimeoutMs: 60_000 });
    await member.consumer.start();
    const producer = newProducer();
    const write = (from: number) =>
      Promise.all(
        Array.from({ length: 300 }, (_, at) => producer.send([{ topic, key: `${from + at}`, value: `${from + at}` }])),
      );
    await write(0);
    await eventually("some work", () => finished.size > 100);
    await broker.kill();
    const meanwhile = write(300);
    await broker.start();
    await meanwhile;
    await eventually("all records", () => finished.size === 600, 30_000);
    const sum = async () => (await committed(kafka(), groupId, topic)).reduce((total, offset) => total + offset, 0);
    const stored = async () => member.consumer.assigned.reduce((total, { next }) => total + next, 0);
    await eventually("all commits", async () => (await sum()) >= 600 && (await sum()) === (await stored()), 30_000);
    await eventually("to be a member again", () => member.consumer.isMember(Date.now()), 30_000);
    expect(member.failures).toEqual([]);
  });

  it("may stand still under consumers for longer than their session", async () => {
    const topic = await newTopic(kafka(), 4);
    const groupId = unique("group");
    const member = newMember({ groupId, topics: [topic], sessionTimeoutMs: 2_000 });
    await member.consumer.start();
    const producer = newProducer();
    await producer.send(Array.from({ length: 50 }, (_, n) => ({ topic, key: `${n}`, value: `${n}` })));
    await member.until(50);
    broker.freeze();
    await eventually("the member to doubt", () => !member.consumer.isMember(Date.now()), 30_000);
    for (const record of member.records) record.done();
    broker.thaw();
    await producer.send(Array.from({ length: 50 }, (_, n) => ({ topic, key: `${n}`, value: `more ${n}` })));
    const all = () => new Set(member.records.map(({ value }) => String(value))).size === 100;
    await eventually("the rest", all, 60_000);
    await eventually("to be a member again", () => member.consumer.isMember(Date.now()), 30_000);
    expect(member.failures).toEqual([]);
  });
});
