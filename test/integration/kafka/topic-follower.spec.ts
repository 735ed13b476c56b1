import { BatchingProducer, type FollowedRecord, TopicFollower } from "@waggle/kafka";
import { eventually, PrivateBroker } from "@waggle/testing";
import { ask, client, silent as logger, newTopic } from "./lab";

jest.setTimeout(60_000);

const PARTITIONS = 3;
const kafka = client();
const producer = new BatchingProducer({ kafka, logger });

const onFatal = jest.fn();

let topic: string;
let followers: TopicFollower[];

beforeAll(() => producer.connect());
afterAll(() => producer.disconnect());
beforeEach(async () => {
  topic = await newTopic(kafka, PARTITIONS);
  followers = [];
});
afterEach(() => Promise.all(followers.map((follower) => follower.stop())));

async function write(...values: string[]): Promise<void> {
  await producer.send(values.map((value) => ({ topic, key: value, value })));
}

async function follow(): Promise<string[]> {
  const seen: string[] = [];
  const onRecords = (records: readonly FollowedRecord[]) => {
    seen.push(...records.map(({ value }) => String(value)));
  };
  const follower = new TopicFollower({ kafka, topic, reader: "test", logger, onRecords, onFatal: () => {} });
  followers.push(follower);
  await follower.start();
  return seen;
}

const names = (prefix: string, count: number) => Array.from({ length: count }, (_, index) => `${prefix}-${index}`);

test("every follower sees all that is written once it has started, and nothing of what was there", async () => {
  await write(...names("before", 20));
  const [one, two] = await Promise.all([follow(), follow()]);
  const after = names("after", 200);
  await write(...after);
  await eventually("all of it", () => one.length >= 200 && two.length >= 200);
  expect(one.toSorted()).toEqual(after.toSorted());
  expect(two.toSorted()).toEqual(after.toSorted());
});

test("partitions that are empty at the start are followed from their first record", async () => {
  const seen = await follow();
  await write(...names("first", 30));
  await eventually("the first records", () => seen.length === 30);
});

test("nothing is handed out after a stop, and nobody is left in its group", async () => {
  const seen = await follow();
  await write("seen");
  await eventually("a record", () => seen.length === 1);
  await followers[0]?.stop();
  await write("unseen");
  const members = await ask(kafka, async (admin) => {
    const { groups } = await admin.listGroups();
    const ours = groups.filter(({ groupId }) => groupId.startsWith("waggle-follower-test-"));
    const described = await admin.describeGroups(ours.map(({ groupId }) => groupId));
    return described.groups.flatMap((group) => group.members);
  });
  expect(members).toEqual([]);
  expect(seen).toEqual(["seen"]);
});

test("a stop while it still starts leaves nothing running", async () => {
  const seen: unknown[] = [];
  const onRecords = (records: readonly FollowedRecord[]) => seen.push(...records);
  const follower = new TopicFollower({ kafka, topic, reader: "test", logger, onRecords, onFatal: () => {} });
  const started = follower.start();
  await follower.stop();
  await started;
  await write("unseen");
  const others = await follow();
  await write("last");
  await eventually("another follower", () => others.length === 1);
  expect(seen).toEqual([]);
});

describe("with a broker of its own", () => {
  let broker: PrivateBroker;
  beforeEach(async () => {
    broker = await PrivateBroker.start();
  });
  afterEach(() => broker.close());

  test("a death and a return of it leave no gap and repeat nothing", async () => {
    const theirs = client(broker.brokers, 2_000);
    const writer = new BatchingProducer({ kafka: theirs, logger });
    await writer.connect();
    const name = await newTopic(theirs, PARTITIONS);
    const seen: string[] = [];
    const onRecords = (records: readonly FollowedRecord[]) => {
      seen.push(...records.map(({ value }) => String(value)));
    };
    const follower = new TopicFollower({ kafka: theirs, topic: name, reader: "test", logger, onRecords, onFatal });
    await follower.start();
    const put = (values: readonly string[]) => writer.send(values.map((value) => ({ topic: name, key: value, value })));
    const before = names("before", 50);
    await put(before);
    await eventually("what was written before", () => seen.length === 50);
    await broker.kill();
    await broker.start();
    // Written while the follower finds its way back: what it does not know of yet must not be lost either.
    const after = names("after", 50);
    await put(after);
    await eventually("what was written after", () => seen.length >= 100, 60_000);
    expect(seen.toSorted()).toEqual([...before, ...after].toSorted());
    expect(onFatal).not.toHaveBeenCalled();
    await follower.stop();
    await writer.disconnect();
  }, 120_000);
});
