import type { Offsets } from "kafkajs";
import { ConsumedRecord } from "./consumed-record";
import { OffsetCommits } from "./offset-commits";
import { PartitionWork } from "./partition-work";

const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** Commits of one partition in which offsets 0 to 9 are out; `sent` is what reached Kafka. */
function tenOut() {
  const work = new PartitionWork("t", 3, 0, new Set(), () => undefined);
  const records = Array.from({ length: 10 }, (_, offset) => {
    work.begin(offset);
    const message = { key: null, value: null, timestamp: "0", attributes: 0, offset: String(offset), headers: {} };
    const record = new ConsumedRecord(work, offset, message);
    work.add(record);
    return record;
  });
  const sent: string[] = [];
  const commitOnce = async (offsets: Offsets = { topics: [] }) => {
    for (const { topic, partitions } of offsets.topics) {
      for (const { partition, offset } of partitions) sent.push(`${topic}/${partition}@${offset}`);
    }
  };
  const commits = new OffsetCommits({ work: () => [work], groupId: "g", logger: silent });
  commits.use(commitOnce);
  commits.allow();
  return { commits, commitOnce, records, sent, work };
}

describe("commits of offsets", () => {
  it("are made when something finished, and say where the unfinished begins", async () => {
    const { commits, records, sent } = tenOut();
    await commits.commit();
    records[1]?.done();
    await commits.commit();
    records[0]?.done();
    await commits.commit();
    await commits.commit();
    expect(sent).toEqual(["t/3@0", "t/3@2"]);
  });

  it("are due when the last is a second ago, or much is done", async () => {
    const { commits, records, sent } = tenOut();
    records[0]?.done();
    await commits.commitWhenDue(1_000);
    records[1]?.done();
    await commits.commitWhenDue(1_999);
    expect(sent).toEqual(["t/3@1"]);
    await commits.commitWhenDue(2_000);
    expect(sent).toEqual(["t/3@1", "t/3@2"]);
    const { commits: many, work, sent: next } = tenOut();
    work.skipTo(work.next + 1);
    await many.commitWhenDue(1_000);
    for (let skipped = 0; skipped < 199; skipped++) work.skipTo(work.next + 1);
    await many.commitWhenDue(1_001);
    expect(next).toEqual(["t/3@0"]);
    work.skipTo(work.next + 1);
    await many.commitWhenDue(1_002);
    expect(next).toEqual(["t/3@0", "t/3@0"]);
  });

  it("are not put off by looks that found nothing to commit", async () => {
    const { commits, records, sent } = tenOut();
    await commits.commitWhenDue(1_000);
    records[0]?.done();
    await commits.commitWhenDue(1_250);
    expect(sent).toEqual(["t/3@1"]);
  });

  it("are looked for seldom while little is done", async () => {
    const { commits, work } = tenOut();
    for (let skipped = 0; skipped < 19; skipped++) work.skipTo(work.next + 1);
    expect(commits.lookInMs).toBe(250);
    work.skipTo(work.next + 1);
    expect(commits.lookInMs).toBe(50);
    await commits.commit();
    expect(commits.lookInMs).toBe(250);
  });

  it("are not made between a join and its assignment", async () => {
    const { commits, records, sent } = tenOut();
    records[0]?.done();
    commits.suspend();
    await commits.commit();
    expect([sent, commits.isComplete]).toEqual([[], false]);
    commits.allow();
    await commits.commit();
    expect([sent, commits.isComplete]).toEqual([["t/3@1"], true]);
  });

  it("are not made without a group", async () => {
    const { commits, records, sent } = tenOut();
    records[0]?.done();
    commits.use(null);
    await commits.commit();
    expect(sent).toEqual([]);
  });

  it("are made up for by the next when one fails", async () => {
    const { commits, commitOnce, records, sent } = tenOut();
    records[0]?.done();
    commits.use(() => Promise.reject(new Error("ILLEGAL_GENERATION")));
    await commits.commit();
    commits.use(commitOnce);
    await commits.commit();
    expect(sent).toEqual(["t/3@1"]);
  });

  it("go one at a time, each with what finished until it began", async () => {
    const { commits, commitOnce, records, sent } = tenOut();
    let answer = () => {};
    const answered = new Promise<void>((resolve) => {
      answer = resolve;
    });
    commits.use(async (offsets) => {
      await commitOnce(offsets);
      await answered;
    });
    records[0]?.done();
    const first = commits.commit();
    records[1]?.done();
    const others = [commits.commit(), commits.commit()];
    expect(sent).toEqual(["t/3@1"]);
    answer();
    await Promise.all([first, ...others]);
    expect(sent).toEqual(["t/3@1", "t/3@2"]);
  });
});
