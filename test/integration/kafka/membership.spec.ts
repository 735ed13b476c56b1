import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BatchingProducer, type ConsumedRecord } from "@waggle/kafka";
import { eventually } from "@waggle/testing";
import { client, committed, Member, newTopic, silent, unique } from "./lab";
import { MemberProcess } from "./member-process";

jest.setTimeout(120_000);

const PARTITIONS = 12;

const Broker = require("kafkajs/src/broker");
const { createErrorFromCode } = require("kafkajs/src/protocol/error");
/** The codes of Kafka's protocol. */
const LEADER_NOT_AVAILABLE = 5;
const NOT_LEADER_FOR_PARTITION = 6;
const COORDINATOR_LOAD_IN_PROGRESS = 14;
const UNKNOWN_MEMBER_ID = 25;

describe("a group of watermark consumers", () => {
  const kafka = client();
  const producer = new BatchingProducer({ kafka, logger: silent });
  const directory = mkdtempSync(join(tmpdir(), "waggle-members-"));
  const cleanups: (() => Promise<void>)[] = [];

  beforeAll(() => producer.connect());
  afterEach(async () => {
    await Promise.all(cleanups.splice(0).map((cleanUp) => cleanUp()));
  });
  afterAll(async () => {
    await producer.disconnect();
    rmSync(directory, { recursive: true });
  });

  /** Writes `count` records, a number of sends at a time, as long as it takes. */
  async function write(topic: string, count: number): Promise<void> {
    for (let n = 0; n < count; n += 50) {
      await producer.send(Array.from({ length: 50 }, (_, at) => ({ topic, key: `${n + at}`, value: `${n + at}` })));
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** What a member of this process has finished, record by record, each a few milliseconds after it was handed out. */
  async function worker(groupId: string, topic: string, finished: string[], workMs = 30): Promise<Member> {
    const onRecords = (records: readonly ConsumedRecord[]) => {
      for (const record of records) {
        const finish = () => {
          if (!record.owned) return;
          finished.push(`${record.partition}@${record.offset}`);
          record.done();
        };
        setTimeout(finish, workMs * Math.random());
      }
    };
    const member = await Member.start({ kafka, groupId, topics: [topic], onRecords });
    cleanups.push(() => member.leave());
    return member;
  }

  function childOf(options: ConstructorParameters<typeof MemberProcess>[0]): MemberProcess {
    const child = new MemberProcess(options);
    cleanups.push(() => child.kill());
    return child;
  }

  /** Waits until the members own every partition, and no two the same. */
  async function settled(...members: Member[]): Promise<number[][]> {
    return eventually(
      `${members.length} members with all partitions`,
      () => {
        const owned = members.map(({ partitions }) => partitions);
        const all = owned.flat();
        return (
          all.length === PARTITIONS &&
          new Set(all).size === PARTITIONS &&
          owned.every(({ length }) => length > 0) &&
          owned
        );
      },
      30_000,
    );
  }

  /** A member of a group goes through something that has it join again, and then works as before. */
  async function joinsAgainAfter(trouble: () => Promise<void>): Promise<void> {
    const topic = await newTopic(kafka);
    const finished: string[] = [];
    const member = await worker(unique("group"), topic, finished);
    await eventually("the first join", () => member.consumer.rebalances === 1, 30_000);
    await trouble();
    await eventually("the second join", () => member.consumer.rebalances === 2, 30_000);
    await producer.send([{ topic, key: null, value: "later" }]);
    await eventually("the member to work again", () => finished.length === 1, 30_000);
    expect(member.consumer.isMember(Date.now())).toBe(true);
    expect(member.failures).toEqual([]);
  }

  it("loses and doubles nothing while members join and leave under load, and moves only what must move", async () => {
    const topic = await newTopic(kafka, PARTITIONS);
    const groupId = unique("group");
    const finished: string[] = [];
    const writing = write(topic, 4_000);
    const first = await worker(groupId, topic, finished);
    await settled(first);
    const second = await worker(groupId, topic, finished);
    const [kept = [], moved = []] = await settled(first, second);
    expect([kept.length, moved.length]).toEqual([6, 6]);
    const third = await worker(groupId, topic, finished);
    const before = [kept, moved];
    const after = await settled(first, second, third);
    expect(after.map(({ length }) => length)).toEqual([4, 4, 4]);
    for (const [index, share] of after.slice(0, 2).entries()) {
      for (const partition of share) expect(before[index]).toContain(partition);
    }
    await first.consumer.stop();
    const [secondLast = [], thirdLast = []] = await settled(second, third);
    expect(secondLast).toEqual(expect.arrayContaining([...(after[1] ?? [])]));
    expect(thirdLast).toEqual(expect.arrayContaining([...(after[2] ?? [])]));
    await writing;
    await eventually("all records", () => new Set(finished).size === 4_000, 60_000);
    expect(finished).toHaveLength(4_000);
  });

  it("loses nothing when a member is killed in the middle of its work", async () => {
    const topic = await newTopic(kafka, PARTITIONS);
    const groupId = unique("group");
    await write(topic, 2_000);
    const victim = childOf({ groupId, topic, sessionTimeoutMs: 3_000, workMs: 4_000 });
    await eventually("some work of the victim", () => victim.finished.length > 400, 30_000);
    await victim.kill();
    const finished: string[] = [];
    await worker(groupId, topic, finished);
    const all = () => new Set([...victim.finished, ...finished]);
    await eventually("all records", () => all().size === 2_000, 60_000);
    const doubled = victim.finished.length + finished.length - 2_000;
    // What it finished out of order since its last commit, which it makes four times a second.
    expect(doubled).toBeLessThan(victim.finished.length / 2);
  });

  it("goes on at once when a killed member comes back, by leaving for the dead one", async () => {
    const topic = await newTopic(kafka, PARTITIONS);
    const groupId = unique("group");
    const memberFile = join(directory, "dispatcher", "member");
    await write(topic, 100);
    const victim = childOf({ groupId, topic, sessionTimeoutMs: 30_000, workMs: null, memberFile });
    await eventually("the victim at work", () => victim.handed.length === 100, 30_000);
    await victim.kill();
    const killedAt = Date.now();
    const successor = await Member.start({ kafka, groupId, topics: [topic], sessionTimeoutMs: 30_000, memberFile });
    await successor.until(100);
    // Its session would have kept the group waiting for half a minute.
    expect(Date.now() - killedAt).toBeLessThan(15_000);
    expect(existsSync(memberFile)).toBe(true);
    await successor.leave();
    expect(existsSync(memberFile)).toBe(false);
  });

  it("does not let a frozen member move the offsets of whoever took over, nor believe it is still one", async () => {
    const topic = await newTopic(kafka, PARTITIONS);
    const groupId = unique("group");
    await write(topic, 500);
    const frozen = childOf({ groupId, topic, sessionTimeoutMs: 3_000, workMs: null });
    await eventually("the member at work", () => frozen.isMember && frozen.handed.length === 500, 30_000);
    frozen.freeze();
    // It will find this on its stdin when it thaws, and finish all it was handed, before it hears of anything else.
    frozen.finish();
    const finished: string[] = [];
    const successor = await worker(groupId, topic, finished);
    await settled(successor);
    await eventually("all records", () => new Set(finished).size === 500, 60_000);
    await write(topic, 500);
    await eventually("more records", () => new Set(finished).size === 1_000, 60_000);
    const atEnd = async () =>
      (await committed(kafka, groupId, topic)).reduce((sum, offset) => sum + offset, 0) === 1_000;
    await eventually("all commits", atEnd);

    frozen.thaw();
    await eventually("the thawed member to notice", () => !frozen.isMember, 30_000);
    await eventually("the thawed member to finish", () => frozen.finished.length >= 500, 30_000);
    await eventually(
      "the thawed member to be one again",
      () => frozen.isMember && successor.partitions.length === 6,
      60_000,
    );
    expect(await atEnd()).toBe(true);
    await write(topic, 500);
    const all = () => new Set([...finished, ...frozen.finished]);
    await eventually("the last records", () => all().size === 1_500, 60_000);
    expect(frozen.failures).toEqual([]);
  });

  it("joins again when the group forgot a member while no broker knew a coordinator", async () => {
    await joinsAgainAfter(async () => {
      const find = jest.spyOn(Broker.prototype, "findGroupCoordinator");
      const heartbeat = jest.spyOn(Broker.prototype, "heartbeat").mockImplementationOnce(() => {
        find.mockClear().mockImplementationOnce(() => Promise.reject(createErrorFromCode(LEADER_NOT_AVAILABLE)));
        return Promise.reject(createErrorFromCode(UNKNOWN_MEMBER_ID));
      });
      await eventually(
        "a coordinator to be looked for in vain",
        () => heartbeat.mock.calls.length > 0 && find.mock.calls.length > 0,
        30_000,
      );
      heartbeat.mockRestore();
      find.mockRestore();
    });
  });

  it("joins again when a leader moved and the coordinator was not ready for its join", async () => {
    // The group never loses sight of it, so nobody else will ever ask it to join.
    await joinsAgainAfter(async () => {
      const joinGroup = jest.spyOn(Broker.prototype, "joinGroup");
      const fetch = jest.spyOn(Broker.prototype, "fetch").mockImplementationOnce(() => {
        joinGroup.mockImplementationOnce(() => Promise.reject(createErrorFromCode(COORDINATOR_LOAD_IN_PROGRESS)));
        return Promise.reject(createErrorFromCode(NOT_LEADER_FOR_PARTITION));
      });
      await eventually("a join in vain", () => joinGroup.mock.calls.length > 0, 30_000);
      fetch.mockRestore();
      joinGroup.mockRestore();
    });
  });
});
