import { answer, EngineRig, FakeJob, failure, hang, ok, takes } from "./delivery-engine.fake";

const SECOND = 1_000;
const advance = (ms: number) => jest.advanceTimersByTimeAsync(ms);

let rig: EngineRig;

beforeEach(() => {
  jest.useFakeTimers({ now: 1_800_000_000_000 });
  rig = new EngineRig();
});
afterEach(() => jest.useRealTimers());

/** Another member has everything of this partition now. */
function lose(jobs: readonly FakeJob[]): void {
  for (const job of jobs) job.owned = false;
  rig.engine.dropPartitions(new Set([3]));
}

describe("while it is not sure of its membership the engine", () => {
  it("begins nothing, tests included, and goes on when it is sure again", async () => {
    rig.webhook();
    rig.membership.member = false;
    const jobs = [rig.submit(), rig.submit({ test: true }), rig.submit({ webhook_id: "wh_deleted" })];
    rig.webhooks.known.set("wh_deleted", "deleted");
    await advance(5 * SECOND);
    expect(rig.sender.requests).toEqual([]);
    expect(rig.log.outputs).toEqual([]);
    rig.membership.member = true;
    await advance(SECOND);
    expect(rig.attempts).toHaveLength(3);
    expect(jobs.map(({ timesDone }) => timesDone)).toEqual([1, 1, 1]);
  });

  it("lets queues stand still, and parks nothing from them", async () => {
    rig.webhook({ max_in_flight: 1 }, () => takes(100, ok));
    rig.submitMany(5);
    rig.membership.member = false;
    await advance(5 * SECOND);
    expect(rig.sender.requests).toHaveLength(1);
    rig.membership.member = true;
    await advance(5 * SECOND);
    expect(rig.sender.requests).toHaveLength(5);
    expect(rig.put).toEqual([]);
  });

  it("parks nothing when a circuit opens meanwhile", async () => {
    rig.webhook({}, hang);
    rig.submitMany(10);
    rig.membership.member = false;
    await advance(8 * SECOND);
    expect(rig.engine.openCircuits).toBe(1);
    expect(rig.log.outputs).toEqual([]);
    rig.membership.member = true;
    await advance(SECOND);
    expect(rig.put).toHaveLength(8);
  });
});

describe("an attempt that failed while nobody may have kept its partition for us", () => {
  const failed = async (): Promise<FakeJob> => {
    rig.webhook({}, () => takes(SECOND, answer(500)));
    const job = rig.submit();
    rig.membership.member = false;
    rig.membership.kept = false;
    await advance(10 * SECOND);
    expect(rig.attempts).toEqual([]);
    expect(job.timesDone).toBe(0);
    return job;
  };

  it("is followed by the next one when it turns out to be still ours", async () => {
    const job = await failed();
    rig.membership.member = true;
    rig.membership.kept = true;
    await advance(SECOND);
    expect(rig.attempts).toMatchObject([{ try: { status_code: 500 } }]);
    expect(rig.put).toMatchObject([{ delivery: { attempt: 2 } }]);
    expect(job.timesDone).toBe(1);
  });

  it("is only recorded when another member has taken over", async () => {
    const job = await failed();
    lose([job]);
    rig.membership.member = true;
    rig.membership.kept = true;
    await advance(SECOND);
    expect(rig.attempts).toMatchObject([{ try: { status_code: 500 } }]);
    expect(rig.put).toEqual([]);
  });

  it("is decided at once while partitions are only about to be handed over: that waits for it", async () => {
    rig.webhook({}, () => takes(SECOND, answer(500)));
    const job = rig.submit();
    rig.membership.member = false;
    await advance(SECOND);
    expect(rig.put).toMatchObject([{ delivery: { attempt: 2 } }]);
    expect(job.timesDone).toBe(1);
  });

  it("is decided as far as is known when the process stops", async () => {
    const job = await failed();
    void rig.engine.drain();
    await advance(100);
    expect(rig.put).toMatchObject([{ delivery: { attempt: 2 } }]);
    expect(job.timesDone).toBe(1);
  });
});

describe("when partitions go to another member the engine", () => {
  it("forgets what waits, in queues, for the directory or for its membership", async () => {
    rig.webhook({ max_in_flight: 1 }, () => takes(SECOND, ok));
    const jobs = [...rig.submitMany(4), rig.submit({ min_webhook_version: 9 })];
    rig.membership.member = false;
    jobs.push(rig.submit());
    lose(jobs);
    rig.membership.member = true;
    await advance(120 * SECOND);
    expect(rig.sender.requests).toHaveLength(1);
    expect(rig.attempts).toHaveLength(1);
  });

  it("records what was in flight, but leaves what follows to the new owner", async () => {
    rig.webhook({}, () => takes(SECOND, answer(500)));
    const job = rig.submit();
    lose([job]);
    await advance(SECOND);
    expect(rig.attempts).toMatchObject([{ try: { status_code: 500 } }]);
    expect(rig.put).toEqual([]);
  });

  it("keeps what is still its own, as when one topic of a partition begins anew", async () => {
    rig.webhook({ max_in_flight: 1 }, () => takes(SECOND, ok));
    const [first, lost, kept] = rig.submitMany(3);
    if (!first || !lost || !kept) throw new Error("three were submitted");
    lose([lost]);
    await advance(10 * SECOND);
    expect([first.timesDone, lost.timesDone, kept.timesDone]).toEqual([1, 0, 1]);
  });

  it("goes on with what is still its own also when only time was in its way", async () => {
    rig.webhook({ max_per_second: 1 });
    const [first, lost, kept] = rig.submitMany(3);
    if (!first || !lost || !kept) throw new Error("three were submitted");
    await advance(100);
    lose([lost]);
    await advance(5 * SECOND);
    expect([first.timesDone, lost.timesDone, kept.timesDone]).toEqual([1, 0, 1]);
  });

  it("has room again for what waits elsewhere", async () => {
    rig = new EngineRig({ waiting: { records: 2, bytes: 1_000_000 } });
    rig.webhook({ id: "wh_1", max_per_second: 1 });
    rig.webhook({ id: "wh_2", max_per_second: 1 });
    const jobs = rig.submitMany(3, { webhook_id: "wh_1" });
    lose(jobs);
    rig.submitMany(3, { webhook_id: "wh_2" });
    expect(rig.put).toEqual([]);
  });

  it("knows nothing of their webhooks when they come back", async () => {
    rig.webhook({}, () => takes(10, failure("connection_refused")));
    const jobs: FakeJob[] = [];
    for (let i = 0; i < 12; i++) {
      jobs.push(rig.submit());
      await advance(10);
    }
    expect(rig.engine.openCircuits).toBe(1);
    lose(jobs);
    expect(rig.engine.openCircuits).toBe(0);
  });

  it("stops timers of their webhooks", async () => {
    rig.webhook({ max_per_second: 1 });
    const jobs = rig.submitMany(3);
    await advance(100);
    const timers = jest.getTimerCount();
    lose(jobs);
    expect(jest.getTimerCount()).toBe(timers - 1);
    await advance(10 * SECOND);
    expect(rig.sender.requests).toHaveLength(1);
  });
});

describe("a stopping engine", () => {
  it("begins nothing more and waits for what is in flight and for its acknowledgement", async () => {
    let acknowledge: () => void = () => undefined;
    rig.log.onWrite = () => new Promise((resolve) => (acknowledge = resolve));
    rig.webhook({ max_in_flight: 1 }, () => takes(5 * SECOND, ok));
    const [running, waiting] = rig.submitMany(2);
    let drained = false;
    void rig.engine.drain().then(() => (drained = true));
    const late = rig.submit();
    await advance(5 * SECOND);
    expect(rig.attempts).toHaveLength(1);
    expect(drained).toBe(false);
    acknowledge();
    await advance(100);
    expect(drained).toBe(true);
    expect([running, waiting, late].map((job) => job?.timesDone)).toEqual([1, 0, 0]);
    expect(rig.sender.requests).toHaveLength(1);
  });

  it("gives up on a Kafka that does not answer, 5 s after the last attempt, without failing", async () => {
    let refuse: (error: Error) => void = () => undefined;
    rig.log.onWrite = () => new Promise((_, reject) => (refuse = reject));
    rig.webhook({}, () => takes(3 * SECOND, ok));
    const job = rig.submit();
    let drained = false;
    void rig.engine.drain().then(() => (drained = true));
    await advance(7_900);
    expect(drained).toBe(false);
    await advance(200);
    expect(drained).toBe(true);
    refuse(new Error("the producer was closed"));
    await advance(0);
    expect(rig.fatal).toEqual([]);
    expect(job.timesDone).toBe(0);
  });

  it("leaves no timer behind", async () => {
    rig.webhook({ max_per_second: 1 });
    rig.submitMany(3);
    await advance(10);
    await rig.engine.drain();
    await advance(10 * SECOND);
    expect(rig.sender.requests).toHaveLength(1);
  });
});
