import { ConsumedRecord } from "./consumed-record";
import { PartitionWork } from "./partition-work";

function workAt(position: number, alreadyDone: readonly number[] = []) {
  const out = { records: 0, bytes: 0 };
  const work = new PartitionWork("t", 0, position, new Set(alreadyDone), (records, bytes) => {
    out.records += records;
    out.bytes += bytes;
  });
  return { work, out };
}

function take(work: PartitionWork, offset: number, value = "x"): ConsumedRecord | null {
  if (!work.begin(offset)) return null;
  const record = new ConsumedRecord(work, offset, {
    key: null,
    value: Buffer.from(value),
    timestamp: "1000",
    attributes: 0,
    offset: String(offset),
    headers: {},
  });
  work.add(record);
  return record;
}

describe("work in a partition", () => {
  it("counts what is out, and what was set aside no longer", () => {
    const { work, out } = workAt(0);
    const [a, b] = [take(work, 0), take(work, 1)];
    expect(out.records).toBe(2);
    a?.shelve();
    a?.shelve();
    expect(out).toEqual({ records: 1, bytes: b?.bytes });
    a?.unshelve();
    expect(out.records).toBe(2);
    a?.done();
    b?.shelve();
    b?.done();
    b?.done();
    expect(out).toEqual({ records: 0, bytes: 0 });
    expect(work.low).toBe(2);
  });

  it("does not hand out again what a predecessor finished", () => {
    const { work } = workAt(5, [6, 7]);
    expect([take(work, 5)?.offset, take(work, 6), take(work, 7), take(work, 8)?.offset]).toEqual([5, null, null, 8]);
  });

  it("passes on what a predecessor finished further up than it has come itself", () => {
    const { work } = workAt(5, [7, 9]);
    const first = take(work, 5);
    take(work, 6);
    expect(work.finishedAbove()).toEqual([7, 9]);
    first?.done();
    expect([work.low, ...work.finishedAbove()]).toEqual([6, 7, 9]);
  });

  it("has something to commit until a commit of it succeeded", () => {
    const { work } = workAt(0);
    expect(work.uncommitted).toBeNull();
    const [a, b] = [take(work, 0), take(work, 1)];
    expect(work.uncommitted).toBeNull();
    a?.done();
    const mark = work.uncommitted ?? 0;
    b?.done();
    work.markCommitted(mark);
    expect(work.uncommitted).not.toBeNull();
    work.markCommitted(work.uncommitted ?? 0);
    expect(work.uncommitted).toBeNull();
  });

  it("takes records back, of which those that were done stay done", () => {
    const { work, out } = workAt(0);
    const records = [0, 1, 2, 3].map((offset) => take(work, offset));
    records[2]?.done();
    records[3]?.shelve();
    work.rewind(1);
    expect([work.next, work.low, out.records]).toEqual([1, 0, 1]);
    expect(records.map((record) => record?.owned)).toEqual([true, false, false, false]);
    records[3]?.done();
    expect(work.finishedAbove()).toEqual([2]);
    expect([1, 2, 3].map((offset) => take(work, offset)?.offset ?? null)).toEqual([1, null, 3]);
    expect(out.records).toBe(3);
  });

  it("is moved by nobody once the partition was lost", () => {
    const { work, out } = workAt(0);
    const record = take(work, 0);
    const counted = work.lose();
    expect(counted.records).toBe(1);
    record?.done();
    record?.shelve();
    expect([work.low, work.uncommitted, record?.owned, out.records]).toEqual([0, null, false, 1]);
  });

  it("says since when its oldest record waits", () => {
    const { work } = workAt(0);
    expect(work.oldestTimestamp).toBeNull();
    take(work, 0);
    expect(work.oldestTimestamp).toBe(1_000);
  });
});
