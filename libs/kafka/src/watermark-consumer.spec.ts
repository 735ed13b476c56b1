import type { Cluster, ConsumerConfig, Kafka, Logger, Offsets } from "kafkajs";
import type { ConsumedRecord } from "./consumed-record";
import { WatermarkConsumer, type WatermarkConsumerOptions } from "./watermark-consumer";

const silent = { debug() {}, info() {}, warn() {}, error() {} };

type EachBatch = (payload: object) => Promise<void>;

/**
 * kafkajs's consumer and admin as far as they are used, of a group over topic `t`. A test says what happens to the
 * group, which with a real broker cannot be had in a certain order.
 */
class FakeKafka {
  readonly events = { GROUP_JOIN: "join", STOP: "stop", CRASH: "crash", HEARTBEAT: "heartbeat", REQUEST: "request" };
  readonly commits: string[] = [];
  readonly seeks: string[] = [];
  readonly paused = new Set<number>();
  /** What the group has committed, by partition. */
  committed: number[] = [];
  log = { low: 0, high: 1_000 };
  positionsFail = 0;
  /** Until when the positions are not told. */
  positionsKnown: Promise<void> = Promise.resolve();
  heartbeats = 0;
  private readonly listeners = new Map<string, ((event: object) => void)[]>();
  private eachBatch: EachBatch = async () => undefined;
  private hasGroup = false;

  private readonly cluster = { findGroupCoordinator: async () => ({}) } as unknown as Cluster;

  get kafka(): Kafka {
    const consumer = ({ partitionAssigners = [], groupId }: ConsumerConfig) => {
      for (const create of partitionAssigners)
        create({ cluster: this.cluster, groupId, logger: silent as unknown as Logger });
      return this;
    };
    return { consumer, admin: () => this } as unknown as Kafka;
  }

  /** What kafkajs does first of all to join again. */
  async beginRejoin() {
    await this.cluster.findGroupCoordinator({ groupId: "g" });
  }

  async connect() {}
  async disconnect() {}
  async subscribe() {}

  async run({ eachBatch }: { eachBatch: EachBatch }) {
    this.eachBatch = eachBatch;
  }

  on(event: string, listener: (event: object) => void) {
    this.listeners.set(event, [...(this.listeners.get(event) ?? []), listener]);
  }

  async fetchOffsets() {
    await this.positionsKnown;
    if (this.positionsFail-- > 0) throw new Error("not now");
    return [
      { topic: "t", partitions: this.committed.map((offset, partition) => ({ partition, offset, metadata: null })) },
    ];
  }

  async fetchTopicOffsets() {
    return this.committed.map((_, partition) => ({ partition, ...this.log }));
  }

  pause(changes: { partitions: number[] }[]) {
    this.mustHaveGroup();
    for (const { partitions } of changes) for (const partition of partitions) this.paused.add(partition);
  }

  resume(changes: { partitions: number[] }[]) {
    this.mustHaveGroup();
    for (const { partitions } of changes) for (const partition of partitions) this.paused.delete(partition);
  }

  seek({ partition, offset }: { partition: number; offset: string }) {
    this.mustHaveGroup();
    this.seeks.push(`${partition}@${offset}`);
  }

  join(memberId: string, partitions: number[]) {
    this.hasGroup = true;
    this.emit("join", { memberId, memberAssignment: { t: partitions } });
  }

  /** What kafkajs does before it starts anew after an error. */
  leave() {
    this.hasGroup = false;
    this.emit("stop", {});
  }

  /** A fetch from `from` brought so many records of a partition. */
  async fetched(partition: number, from: number, count: number) {
    const messages = Array.from({ length: count }, (_, at) => ({
      key: null,
      value: Buffer.from("x"),
      headers: {},
      timestamp: "0",
      offset: String(from + at),
    }));
    const last = String(from + count - 1);
    await this.eachBatch({
      batch: {
        topic: "t",
        partition,
        fetchedOffset: String(from),
        messages,
        highWatermark: "1000",
        lastOffset: () => last,
      },
      resolveOffset: () => undefined,
      isStale: () => false,
      heartbeat: async () => {
        this.heartbeats += 1;
      },
      commitOffsetsIfNecessary: async ({ topics }: Offsets) => {
        for (const { partitions } of topics)
          for (const one of partitions) this.commits.push(`${one.partition}@${one.offset}`);
      },
    });
  }

  emit(event: string, payload: object) {
    for (const listener of this.listeners.get(event) ?? []) listener({ payload });
  }

  private mustHaveGroup() {
    if (!this.hasGroup) throw new Error("Consumer group was not initialized");
  }
}

async function setUp(options: Partial<WatermarkConsumerOptions> = {}) {
  const fake = new FakeKafka();
  const records: ConsumedRecord[] = [];
  const lost: number[] = [];
  const failures: string[] = [];
  const consumer = new WatermarkConsumer({
    kafka: fake.kafka,
    groupId: "g",
    topics: ["t"],
    logger: silent,
    limits: { records: 100, bytes: 1_000_000 },
    onRecords: (batch) => records.push(...batch),
    onLost: (partitions) => lost.push(...partitions.map(({ partition }) => partition)),
    onFatal: (reason) => failures.push(reason),
    ...options,
  });
  await consumer.start();
  const offsets = () => records.map(({ partition, offset }) => `${partition}@${offset}`);
  return { fake, consumer, records, lost, failures, offsets };
}

describe("the watermark consumer, whatever kafkajs does", () => {
  const running: WatermarkConsumer[] = [];
  const start: typeof setUp = async (options) => {
    const all = await setUp(options);
    running.push(all.consumer);
    return all;
  };

  beforeEach(() => jest.useFakeTimers());
  afterEach(async () => {
    jest.useRealTimers();
    for (const consumer of running.splice(0)) await consumer.stop(async () => undefined);
  });

  it("never lets a batch of before a rebalance move the watermark over a gap", async () => {
    const { fake, records, offsets } = await start();
    fake.committed = [0];
    fake.join("a", [0]);
    await fake.fetched(0, 0, 3);
    // Others had it meanwhile, and came to 10; what we fetched before comes late.
    fake.join("a", []);
    fake.committed = [10];
    fake.join("a", [0]);
    await fake.fetched(0, 3, 20);
    expect(fake.seeks.at(-1)).toBe("0@10");
    await fake.fetched(0, 10, 1);
    for (const record of records) record.done();
    await jest.advanceTimersByTimeAsync(300);
    expect(offsets()).toEqual(["0@0", "0@1", "0@2", "0@10"]);
    expect(fake.commits).toEqual(["0@11"]);
  });

  it("goes on where it stood with what the same member keeps, and not where it was committed", async () => {
    const { fake, records, lost, offsets } = await start();
    fake.committed = [0, 0];
    fake.join("a", [0, 1]);
    await fake.fetched(0, 0, 3);
    fake.join("a", [0]);
    expect([fake.seeks, lost]).toEqual([["0@3"], [1]]);
    await fake.fetched(0, 0, 5);
    await fake.fetched(0, 3, 1);
    expect(offsets()).toEqual(["0@0", "0@1", "0@2", "0@3"]);
    expect(records.map(({ owned }) => owned)).toEqual([true, true, true, true]);
  });

  it("drops everything when the group had lost sight of it", async () => {
    const { fake, consumer, records, lost } = await start();
    fake.committed = [0];
    fake.join("a", [0]);
    await fake.fetched(0, 0, 3);
    fake.committed = [2];
    fake.join("b", [0]);
    await fake.fetched(0, 2, 1);
    for (const record of records.slice(0, 3)) record.done();
    await jest.advanceTimersByTimeAsync(300);
    expect([lost, fake.commits, consumer.out.records]).toEqual([[0], [], 1]);
    expect(records.map(({ owned }) => owned)).toEqual([false, false, false, true]);
  });

  it("hands out nothing more once partitions may change hands, and commits what ends meanwhile", async () => {
    const { fake, records, offsets } = await start();
    fake.committed = [0];
    fake.emit("request", { apiName: "SyncGroup", sentAt: Date.now() });
    fake.join("a", [0]);
    await fake.fetched(0, 0, 2);
    let isJoining = false;
    const rejoining = fake.beginRejoin().then(() => {
      isJoining = true;
    });
    await jest.advanceTimersByTimeAsync(100);
    await fake.fetched(0, 2, 1);
    expect([offsets(), isJoining]).toEqual([["0@0", "0@1"], false]);
    for (const record of records) record.done();
    await jest.advanceTimersByTimeAsync(100);
    await rejoining;
    expect(fake.commits).toEqual(["0@2"]);
    fake.join("a", [0]);
    await fake.fetched(0, 2, 1);
    expect(offsets()).toEqual(["0@0", "0@1", "0@2"]);
  });

  it("lets partitions change hands after a while also when something is in flight for long", async () => {
    const { fake } = await start();
    fake.committed = [0];
    fake.emit("request", { apiName: "SyncGroup", sentAt: Date.now() });
    fake.join("a", [0]);
    await fake.fetched(0, 0, 2);
    const rejoining = fake.beginRejoin();
    await jest.advanceTimersByTimeAsync(3_000);
    await expect(rejoining).resolves.toBeUndefined();
  });

  it("commits nothing between a join and its assignment", async () => {
    const { fake, records } = await start();
    fake.committed = [0];
    fake.join("a", [0]);
    await fake.fetched(0, 0, 1);
    fake.emit("request", { apiName: "JoinGroup" });
    records[0]?.done();
    await jest.advanceTimersByTimeAsync(1_000);
    expect(fake.commits).toEqual([]);
    fake.join("a", [0]);
    await jest.advanceTimersByTimeAsync(300);
    expect(fake.commits).toEqual(["0@1"]);
  });

  it("consumes again after it lost all that had filled it", async () => {
    const { fake, consumer, offsets } = await start({ limits: { records: 2, bytes: 1_000_000 } });
    fake.committed = [0, 0];
    fake.join("a", [0]);
    await fake.fetched(0, 0, 2);
    expect([consumer.isFull, [...fake.paused]]).toEqual([true, [0]]);
    fake.join("b", [0, 1]);
    expect([consumer.isFull, [...fake.paused]]).toEqual([false, []]);
    await fake.fetched(1, 0, 1);
    expect(offsets()).toEqual(["0@0", "0@1", "1@0"]);
  });

  it("fetches a partition that came while it was full, once it is not", async () => {
    const { fake, records } = await start({ limits: { records: 2, bytes: 1_000_000 } });
    fake.committed = [0, 0];
    fake.join("a", [0]);
    await fake.fetched(0, 0, 2);
    fake.join("a", [0, 1]);
    expect([...fake.paused]).toEqual([0, 1]);
    for (const record of records) record.done();
    expect([...fake.paused]).toEqual([]);
  });

  it("survives being used while kafkajs starts anew", async () => {
    const { fake, consumer, records } = await start({ limits: { records: 2, bytes: 1_000_000 } });
    fake.committed = [0];
    fake.join("a", [0]);
    await fake.fetched(0, 0, 2);
    fake.leave();
    consumer.pause("t", 0);
    consumer.rewind("t", 0, 1);
    consumer.resume("t", 0);
    for (const record of records) record.done();
    await jest.advanceTimersByTimeAsync(1_000);
    expect([fake.commits, consumer.isMember(Date.now())]).toEqual([[], false]);
    fake.join("b", [0]);
    await fake.fetched(0, 0, 2);
    expect(records.slice(2).map(({ offset }) => offset)).toEqual([0, 1]);
  });

  it("hands out nothing of a partition before it knows where the group stands in it", async () => {
    const { fake, offsets } = await start();
    fake.committed = [5];
    fake.positionsFail = 2;
    fake.join("a", [0]);
    const early = [fake.fetched(0, 5, 1), jest.advanceTimersByTimeAsync(400)];
    await Promise.all(early);
    expect(offsets()).toEqual([]);
    const late = [fake.fetched(0, 5, 1), jest.advanceTimersByTimeAsync(400)];
    await Promise.all(late);
    await fake.fetched(0, 5, 1);
    expect(offsets()).toEqual(["0@5"]);
  });

  it("stays a member however long Kafka takes to say where the group stands", async () => {
    const { fake, offsets } = await start();
    let tell: () => void = () => undefined;
    fake.positionsKnown = new Promise((resolve) => {
      tell = resolve;
    });
    fake.committed = [5];
    fake.join("a", [0]);
    const handedOut = fake.fetched(0, 5, 1);
    await jest.advanceTimersByTimeAsync(60_000);
    // kafkajs sends one when it is due, which it has to be asked for.
    expect(fake.heartbeats).toBeGreaterThan(60);
    expect(offsets()).toEqual([]);
    tell();
    await jest.advanceTimersByTimeAsync(100);
    await handedOut;
    expect(offsets()).toEqual(["0@5"]);
  });

  it("begins anew where the log begins when the broker has lost its end", async () => {
    const { fake, records, lost, offsets } = await start();
    fake.committed = [500];
    fake.join("a", [0]);
    await fake.fetched(0, 500, 1);
    fake.log = { low: 40, high: 60 };
    await fake.fetched(0, 40, 2);
    expect([fake.seeks.at(-1), lost]).toEqual(["0@40", [0]]);
    await fake.fetched(0, 40, 2);
    expect(offsets()).toEqual(["0@500", "0@40", "0@41"]);
    for (const record of records) record.done();
    await jest.advanceTimersByTimeAsync(300);
    expect(fake.commits).toEqual(["0@42"]);
  });

  it("believes a jump over nothing only when going back led to the same jump again", async () => {
    const { fake, records, offsets } = await start();
    fake.committed = [0];
    fake.join("a", [0]);
    await fake.fetched(0, 7, 1);
    await fake.fetched(0, 9, 1);
    expect([offsets(), fake.seeks]).toEqual([[], ["0@0", "0@0"]]);
    await fake.fetched(0, 9, 1);
    for (const record of records) record.done();
    await jest.advanceTimersByTimeAsync(300);
    expect([offsets(), fake.commits]).toEqual([["0@9"], ["0@10"]]);
  });

  it("ends the process when its group does not take it back although Kafka answers", async () => {
    const { fake, failures } = await start();
    fake.join("a", [0]);
    fake.leave();
    await jest.advanceTimersByTimeAsync(300_000);
    expect(failures).toEqual(["the consumer of g does not get back into its group"]);
  });

  it("ends the process when the handler did not take its records over", async () => {
    const { fake, failures } = await start({
      onRecords() {
        throw new Error("no");
      },
    });
    fake.committed = [0];
    fake.join("a", [0]);
    await fake.fetched(0, 0, 1);
    expect(failures).toEqual(["the handler of g failed"]);
  });

  it("ends the process when kafkajs gives up, unless that is because we stop", async () => {
    const { fake, consumer, failures } = await start();
    fake.emit("crash", { error: new Error("gone"), restart: true });
    expect(failures).toEqual([]);
    fake.emit("crash", { error: new Error("gone"), restart: false });
    expect(failures).toEqual(["consumer of g crashed"]);
    const stopped = consumer.stop();
    fake.emit("crash", { error: new Error("gone"), restart: false });
    await stopped;
    expect(failures).toHaveLength(1);
  });
});
