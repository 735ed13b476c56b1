import fc from "fast-check";
import { ConsumedRecord } from "./consumed-record";
import { HeldTiers, type HeldTiersOptions } from "./held-tiers";
import { PartitionWork } from "./partition-work";

const START = 1_000_000;

interface Stored {
  readonly dueAt: number;
  readonly bytes: number;
}

/** Partitions of retry tiers as Kafka and the consumer would treat them, and what came out of the holds. */
class Stage {
  readonly delivered: { partition: number; offset: number; at: number }[] = [];
  readonly logs: Stored[][] = [];
  readonly works: PartitionWork[] = [];
  readonly paused = new Set<number>();
  fetched = 0;
  /** How many may come out in all. */
  room = Number.POSITIVE_INFINITY;
  readonly tiers: HeldTiers;

  constructor(limits: Partial<Pick<HeldTiersOptions, "recordsPerPartition" | "bytes">> = {}) {
    this.tiers = new HeldTiers({
      recordsPerPartition: 1_000,
      bytes: 10_000_000,
      ...limits,
      now: Date.now,
      gate: () => this.delivered.length < this.room,
      onDue: (record) => {
        this.delivered.push({ partition: record.partition, offset: record.offset, at: Date.now() });
        record.done();
      },
      pause: (_topic, partition) => this.paused.add(partition),
      resume: (_topic, partition) => this.paused.delete(partition),
      rewind: (_topic, partition, offset) => this.works[partition]?.rewind(offset),
    });
  }

  append(partition: number, ...records: Stored[]): void {
    this.logs[partition] = [...(this.logs[partition] ?? []), ...records];
    this.works[partition] ??= new PartitionWork("tier", partition, 0, new Set(), () => undefined);
  }

  /** One round of fetching: a batch of every partition that is not paused. */
  fetch(batch = 10): void {
    for (const [partition, work] of this.works.entries()) {
      if (this.paused.has(partition)) continue;
      const records: [ConsumedRecord, number][] = [];
      for (const { dueAt, bytes } of this.logs[partition]?.slice(work.next, work.next + batch) ?? []) {
        const offset = work.next;
        if (!work.begin(offset)) continue;
        const record = new ConsumedRecord(work, offset, message(offset, bytes));
        work.add(record);
        records.push([record, dueAt]);
      }
      this.fetched += records.length;
      for (const [record, dueAt] of records) this.tiers.hold(record, dueAt);
    }
  }

  offsets(partition = 0): number[] {
    return this.delivered.filter((one) => one.partition === partition).map(({ offset }) => offset);
  }
}

function message(offset: number, bytes: number) {
  // What a record counts for beyond its value is in `ConsumedRecord.bytes`.
  return {
    key: null,
    value: Buffer.alloc(Math.max(0, bytes - 512)),
    timestamp: "0",
    attributes: 0,
    offset: `${offset}`,
    headers: {},
  };
}

function due(...afterMs: number[]): Stored[] {
  return afterMs.map((ms) => ({ dueAt: START + ms, bytes: 1_000 }));
}

describe("held tiers", () => {
  beforeEach(() => jest.useFakeTimers({ now: START }));
  afterEach(() => jest.useRealTimers());

  it("let a record go at the moment it is due, and never before", () => {
    const stage = new Stage();
    stage.append(0, ...due(100));
    stage.fetch();
    jest.advanceTimersByTime(99);
    expect(stage.delivered).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(stage.offsets()).toEqual([0]);
  });

  it("wait with one timer for the earliest of all partitions", () => {
    const stage = new Stage();
    stage.append(0, ...due(5_000, 6_000));
    stage.append(1, ...due(30, 40));
    stage.fetch();
    expect(jest.getTimerCount()).toBe(1);
    jest.advanceTimersByTime(40);
    expect([stage.offsets(0), stage.offsets(1)]).toEqual([[], [0, 1]]);
    jest.advanceTimersByTime(5_960);
    expect(stage.offsets(0)).toEqual([0, 1]);
    expect(jest.getTimerCount()).toBe(0);
  });

  it("are not confused by waits longer than a timer can count", () => {
    const month = 30 * 86_400_000;
    const stage = new Stage();
    stage.append(0, ...due(month));
    stage.fetch();
    jest.advanceTimersByTime(month - 1);
    expect(stage.delivered).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(stage.offsets()).toEqual([0]);
  });

  it("hand over at once what is due when it comes", () => {
    const stage = new Stage();
    stage.append(0, ...due(-5, 0, 1));
    stage.fetch();
    expect(stage.offsets()).toEqual([0, 1]);
  });

  it("let go a few at a time, of all partitions alike, so that what is new comes in between", () => {
    const stage = new Stage();
    stage.append(0, ...due(...Array(100).fill(50)));
    stage.append(1, ...due(...Array(20).fill(50)));
    stage.fetch(100);
    const betweenTurns: number[] = [];
    const look = setInterval(() => betweenTurns.push(stage.delivered.length), 1);
    jest.advanceTimersByTime(60);
    clearInterval(look);
    expect(new Set(betweenTurns)).toEqual(new Set([0, 32, 52, 84, 116, 120]));
    expect(stage.offsets(0)).toEqual(Array.from({ length: 100 }, (_, offset) => offset));
    expect(stage.offsets(1)).toHaveLength(20);
  });

  it("keep back what is due while it cannot be taken, without a timer that spins", () => {
    const stage = new Stage();
    stage.room = 0;
    stage.append(0, ...due(10, 20));
    stage.fetch();
    jest.advanceTimersByTime(1_000);
    expect(jest.getTimerCount()).toBe(0);
    expect(stage.tiers.overdueMs("tier")).toBe(990);
    expect(stage.tiers.overdueMs("another")).toBe(0);
    stage.room = 10;
    stage.tiers.poke();
    jest.advanceTimersByTime(0);
    expect(stage.offsets()).toEqual([0, 1]);
    expect(stage.tiers.overdueMs("tier")).toBe(0);
  });

  it("heed the word that there is room also after a record came that is due much later", () => {
    const stage = new Stage();
    stage.room = 0;
    stage.append(0, ...due(10));
    stage.fetch();
    jest.advanceTimersByTime(10);
    stage.append(1, ...due(21_600_000));
    stage.fetch();
    stage.room = 10;
    stage.tiers.poke();
    jest.advanceTimersByTime(0);
    expect(stage.offsets(0)).toEqual([0]);
  });

  it("stop in the middle when there is room for some only, and go on from there", () => {
    const stage = new Stage();
    stage.room = 2;
    stage.append(0, ...due(10, 10, 10, 10));
    stage.fetch();
    jest.advanceTimersByTime(10);
    expect(stage.offsets()).toEqual([0, 1]);
    stage.room = 4;
    stage.tiers.poke();
    jest.advanceTimersByTime(0);
    expect(stage.offsets()).toEqual([0, 1, 2, 3]);
  });

  it("pause a partition when its hold is full, not before, and go on fetching it at half", () => {
    const stage = new Stage({ recordsPerPartition: 4 });
    stage.append(0, ...due(1, 2, 3, 4, 5, 6, 7, 8));
    stage.fetch(4);
    expect(stage.paused.size).toBe(0);
    stage.fetch(4);
    expect([...stage.paused]).toEqual([0]);
    expect(stage.tiers.held.records).toBe(4);
    jest.advanceTimersByTime(1);
    expect(stage.paused.size).toBe(1);
    jest.advanceTimersByTime(1);
    expect(stage.paused.size).toBe(0);
    stage.fetch();
    jest.advanceTimersByTime(10);
    stage.fetch();
    jest.advanceTimersByTime(10);
    expect(stage.offsets()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it("keep of a record that is too large for them nothing but when it is due, and have it fetched then", () => {
    const stage = new Stage({ bytes: 80_000 });
    stage.append(0, { dueAt: START + 50, bytes: 60_000 }, ...due(60));
    stage.fetch();
    expect([stage.tiers.held, [...stage.paused]]).toEqual([{ records: 0, bytes: 0 }, [0]]);
    jest.advanceTimersByTime(49);
    stage.fetch();
    expect(stage.fetched).toBe(2);
    jest.advanceTimersByTime(1);
    stage.fetch();
    expect(stage.offsets()).toEqual([0]);
    jest.advanceTimersByTime(10);
    expect(stage.offsets()).toEqual([0, 1]);
  });

  it("leave room for every partition, however much waits in the first ones", () => {
    const stage = new Stage({ bytes: 1_000_000 });
    const many = due(...Array.from({ length: 1_000 }, () => 1_000));
    for (let partition = 0; partition < 24; partition++) {
      stage.append(partition, ...many);
      for (let round = 0; round < 100; round++) stage.fetch();
    }
    expect(stage.tiers.held.bytes).toBeLessThanOrEqual(1_000_000);
    for (const work of stage.works) expect(work.next).toBeGreaterThan(5);
  });

  it("forget partitions that others own now, and what they held no longer counts", () => {
    const stage = new Stage();
    stage.append(0, ...due(10));
    stage.append(1, ...due(10));
    stage.fetch();
    stage.tiers.drop([
      { topic: "tier", partition: 0 },
      { topic: "tier", partition: 7 },
    ]);
    expect(stage.tiers.held).toEqual({ records: 1, bytes: 1_000 });
    jest.advanceTimersByTime(10);
    expect([stage.offsets(0), stage.offsets(1)]).toEqual([[], [0]]);
  });

  it("do not take a record that is no longer ours", () => {
    const stage = new Stage();
    stage.append(0, ...due(10));
    stage.works[0]?.lose();
    stage.fetch();
    expect(stage.tiers.held.records).toBe(0);
  });

  it("let nothing go any more once closed", () => {
    const stage = new Stage();
    stage.append(0, ...due(10));
    stage.fetch();
    stage.tiers.close();
    stage.append(1, ...due(20));
    stage.fetch();
    jest.advanceTimersByTime(100);
    expect(stage.delivered).toEqual([]);
  });

  it("let every record go once, in order, never early, within their memory, whatever comes when", () => {
    const event = fc.record({
      partition: fc.nat(3),
      bytes: fc.constantFrom(600, 1_000, 5_000, 30_000),
      waitMs: fc.nat(40),
      closedForMs: fc.constantFrom(0, 0, 0, 15),
      batch: fc.integer({ min: 1, max: 5 }),
    });
    const property = fc.property(fc.array(event, { maxLength: 60 }), (events) => {
      jest.setSystemTime(START);
      const stage = new Stage({ recordsPerPartition: 3, bytes: 60_000 });
      const step = (ms: number, batch: number) => {
        jest.advanceTimersByTime(ms);
        stage.fetch(batch);
        expect(stage.tiers.held.bytes).toBeLessThanOrEqual(60_000);
      };
      for (const { partition, bytes, waitMs, closedForMs, batch } of events) {
        // A tier's delay is constant, so what is written later is due later.
        stage.append(partition, { dueAt: Date.now() + 100 * (partition + 1), bytes });
        step(waitMs, batch);
        if (closedForMs === 0) continue;
        stage.room = stage.delivered.length;
        step(closedForMs, batch);
        stage.room = Number.POSITIVE_INFINITY;
        stage.tiers.poke();
      }
      for (let round = 0; round < 500; round++) step(5, 5);
      for (const [partition, log] of stage.logs.entries()) {
        expect(stage.offsets(partition)).toEqual((log ?? []).map((_, offset) => offset));
        expect(stage.works[partition]?.low ?? 0).toBe(log?.length ?? 0);
      }
      for (const { partition, offset, at } of stage.delivered) {
        expect(at).toBeGreaterThanOrEqual(stage.logs[partition]?.[offset]?.dueAt ?? Number.POSITIVE_INFINITY);
      }
      expect([stage.tiers.held, stage.paused.size]).toEqual([{ records: 0, bytes: 0 }, 0]);
    });
    fc.assert(property, { numRuns: 60 });
  });
});
