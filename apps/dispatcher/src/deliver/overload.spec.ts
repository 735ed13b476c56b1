import { answer, EngineRig, failure, hang, ok, takes } from "./delivery-engine.fake";

const SECOND = 1_000;
const advance = (ms: number) => jest.advanceTimersByTimeAsync(ms);

let rig: EngineRig;

beforeEach(() => {
  jest.useFakeTimers({ now: 1_800_000_000_000 });
  rig = new EngineRig();
});
afterEach(() => jest.useRealTimers());

const urlOf = (id: string) => `https://receiver.acme.com/${id}`;
const sentTo = (id: string) => rig.sender.requests.filter(({ request }) => request.url === urlOf(id));

describe("a webhook that is sent much", () => {
  it("gets 2 at once at first, and more as it answers", async () => {
    rig.webhook({}, () => takes(50, ok));
    rig.submitMany(200);
    expect(rig.sender.open.get(urlOf("wh_1"))).toBe(2);
    await advance(2 * SECOND);
    expect(rig.sender.most.get(urlOf("wh_1"))).toBeGreaterThan(20);
    expect(rig.sender.most.get(urlOf("wh_1"))).toBeLessThanOrEqual(64);
    expect(rig.attempts).toHaveLength(200);
    expect(rig.put).toEqual([]);
  });

  it("never gets more than its max_in_flight at once", async () => {
    rig.webhook({ max_in_flight: 3 }, () => takes(50, ok));
    rig.submitMany(60);
    await advance(5 * SECOND);
    expect(rig.sender.most.get(urlOf("wh_1"))).toBe(3);
    expect(rig.attempts).toHaveLength(60);
  });

  it("never gets more than its max_per_second, evenly", async () => {
    rig.webhook({ max_per_second: 4 });
    rig.submitMany(16);
    await advance(10 * SECOND);
    const times = sentTo("wh_1").map(({ at }) => at);
    expect(times).toHaveLength(16);
    for (const at of times) {
      expect(times.filter((other) => other >= at && other < at + SECOND).length).toBeLessThanOrEqual(5);
    }
  });

  it("has what would wait longer than 5 s parked: same attempt, next park, its place in the queue", async () => {
    rig = new EngineRig({ waiting: { records: 10, bytes: 1_000_000 } });
    rig.webhook({ max_per_second: 1 });
    const jobs = rig.submitMany(9);
    await advance(0);
    expect(rig.meter.parks).toEqual(["at_cap", "at_cap"]);
    expect(rig.put).toMatchObject([
      {
        tier: "5s",
        partition: 3,
        delivery: {
          delivery_id: "dlv_8",
          attempt: 1,
          park: 1,
          park_reason: "at_cap",
          park_position: "p1-1:8",
          due_at: Date.now() + 5 * SECOND,
        },
      },
      { delivery: { delivery_id: "dlv_9", park_position: "p1-1:9" } },
    ]);
    expect(jobs.map(({ timesDone }) => timesDone)).toEqual([0, 0, 0, 0, 0, 0, 0, 1, 1]);
  });

  it("gets what was parked in its turn, before what came later", async () => {
    rig.returnWhatIsDue();
    rig.webhook({ max_per_second: 2 });
    rig.submitMany(30);
    await advance(9 * SECOND);
    rig.submitMany(5);
    await advance(30 * SECOND);
    const ids = sentTo("wh_1").map(({ request }) => Number(request.headers["webhook-id"]?.slice("dlv_".length)));
    expect(ids).toHaveLength(35);
    expect(ids.slice(-5)).toEqual([31, 32, 33, 34, 35]);
  });

  it("is not taken for busy for ever because of what was parked and then skipped", async () => {
    rig.returnWhatIsDue();
    rig.webhook({ max_per_second: 1 });
    rig.submitMany(100);
    rig.webhook({ status: "disabled", version: 2 });
    rig.engine.webhookChanged("wh_1");
    await advance(600 * SECOND);
    expect(rig.attempts).toHaveLength(100);
    rig.webhook({ max_per_second: 1, version: 3 });
    const parked = rig.meter.parks.length;
    expect(parked).toBeGreaterThan(50);
    rig.submitMany(4);
    await advance(5 * SECOND);
    expect(rig.attempts).toHaveLength(104);
    expect(rig.meter.parks).toHaveLength(parked);
  });
});

describe("the lanes", () => {
  it("are given in turn when the fast one is full", async () => {
    rig = new EngineRig({ lanes: { slots: { fast: 2, slow: 2 }, bytes: 1_000_000 } });
    for (const id of ["wh_1", "wh_2", "wh_3"]) rig.webhook({ id }, () => takes(500, ok));
    for (const webhook_id of ["wh_1", "wh_2", "wh_3"]) for (let i = 0; i < 2; i++) rig.submit({ webhook_id });
    expect(rig.lanes).toEqual({ fast: 2, slow: 0 });
    await advance(500);
    expect(["wh_1", "wh_2", "wh_3"].map((id) => sentTo(id).length)).toEqual([2, 1, 1]);
    await advance(SECOND);
    expect(rig.attempts).toHaveLength(6);
    expect(rig.lanes).toEqual({ fast: 0, slow: 0 });
    expect(rig.put).toEqual([]);
  });

  it("are shared with who comes with one delivery while others have many", async () => {
    rig = new EngineRig({ lanes: { slots: { fast: 2, slow: 2 }, bytes: 1_000_000 } });
    for (const id of ["wh_1", "wh_2", "wh_3"]) rig.webhook({ id }, () => takes(100, ok));
    for (const webhook_id of ["wh_1", "wh_2"]) for (let i = 0; i < 50; i++) rig.submit({ webhook_id });
    rig.submit({ webhook_id: "wh_3" });
    await advance(350);
    expect(sentTo("wh_3")).toHaveLength(1);
    await advance(10 * SECOND);
    expect(rig.attempts).toHaveLength(101);
  });

  it("are changed by an attempt that takes more than a second, a test's too", async () => {
    rig.webhook({}, hang);
    rig.submit();
    rig.submit({ test: true });
    await advance(900);
    expect(rig.lanes).toEqual({ fast: 2, slow: 0 });
    await advance(300);
    expect(rig.lanes).toEqual({ fast: 0, slow: 2 });
    await advance(10 * SECOND);
    expect(rig.lanes).toEqual({ fast: 0, slow: 0 });
  });

  it("keep a slow webhook to the slow one, and park what finds it full", async () => {
    rig = new EngineRig({ lanes: { slots: { fast: 9, slow: 1 }, bytes: 1_000_000 } });
    rig.webhook({}, () => takes(3 * SECOND, ok));
    rig.submit();
    await advance(2 * SECOND);
    rig.submit();
    expect(rig.meter.parks).toEqual(["slow_lane_full"]);
    await advance(2 * SECOND);
    rig.submit();
    expect(rig.lanes).toEqual({ fast: 0, slow: 1 });
  });

  it("take no more bytes than they may", async () => {
    rig = new EngineRig({ lanes: { slots: { fast: 9, slow: 9 }, bytes: 1_000 } });
    for (const id of ["wh_1", "wh_2"]) rig.webhook({ id }, () => takes(100, ok));
    rig.submit({ webhook_id: "wh_1" }, 1_000);
    rig.submit({ webhook_id: "wh_2" }, 1_000);
    expect(rig.sender.requests).toHaveLength(1);
    await advance(SECOND);
    expect(rig.sender.requests).toHaveLength(2);
  });
});

describe("memory", () => {
  it("is bounded: what finds no room to wait is parked while the fast lane has room", async () => {
    rig = new EngineRig({ waiting: { records: 3, bytes: 1_000_000 } });
    rig.returnWhatIsDue();
    rig.webhook({ max_per_second: 1 });
    rig.submitMany(10);
    expect(rig.put).toHaveLength(6);
    await advance(30 * SECOND);
    expect(rig.attempts).toHaveLength(10);
    const parked = rig.put.length;
    rig.submitMany(3);
    expect(rig.put).toHaveLength(parked);
  });

  it("is not kept free at the cost of a healthy webhook's burst", async () => {
    rig = new EngineRig({ waiting: { records: 10, bytes: 1_000_000 } });
    rig.webhook({}, () => takes(20, ok));
    rig.submitMany(60);
    expect(rig.put).toEqual([]);
    await advance(SECOND);
    expect(rig.attempts).toHaveLength(60);
  });

  it("is given back by a queue that grew too long for how its webhook answers now", async () => {
    rig = new EngineRig({ waiting: { records: 20, bytes: 1_000_000 } });
    let delay = 100;
    rig.webhook({ max_in_flight: 1 }, () => takes(delay, ok));
    rig.submit();
    await advance(100);
    delay = 9 * SECOND;
    rig.submitMany(20);
    expect(rig.put).toEqual([]);
    await advance(3 * SECOND);
    expect(rig.put.length).toBeGreaterThanOrEqual(10);
    expect(new Set(rig.meter.parks)).toEqual(new Set(["at_cap"]));
    // Those at the end of the queue went first, with their places.
    expect(rig.put[0]?.delivery).toMatchObject({ delivery_id: "dlv_21", park_position: "p1-1:21" });
  });
});

describe("the circuit", () => {
  const failing = () => takes(10, failure("connection_refused"));

  async function open(): Promise<void> {
    rig.webhook({}, failing);
    for (let i = 0; i < 10; i++) {
      rig.submit();
      await advance(20);
    }
    expect(rig.engine.openCircuits).toBe(1);
    expect(rig.attempts.at(-1)?.circuit).toBe("open");
    rig.log.outputs.length = 0;
  }

  it("parks deliveries while it is open, without using up attempts", async () => {
    await open();
    rig.submitMany(3);
    await advance(100);
    expect(rig.sender.requests).toHaveLength(10);
    expect(rig.meter.parks).toEqual(["circuit_open", "circuit_open", "circuit_open"]);
    expect(rig.put).toMatchObject([1, 2, 3].map(() => ({ tier: "5s", delivery: { attempt: 1, park: 1 } })));
  });

  it("is probed by one due delivery at a time, less and less often", async () => {
    await open();
    rig.returnWhatIsDue();
    const began = Date.now();
    rig.submitMany(50);
    await advance(300 * SECOND);
    const probes = sentTo("wh_1").slice(10);
    const gaps = probes.map(({ at }, index) => at - (probes[index - 1]?.at ?? began));
    expect(rig.sender.most.get(urlOf("wh_1"))).toBeLessThanOrEqual(2);
    expect(gaps.length).toBeGreaterThanOrEqual(5);
    expect(gaps.length).toBeLessThanOrEqual(9);
    expect(Math.max(...gaps)).toBeGreaterThanOrEqual(60 * SECOND);
  });

  it("keeps the schedule of a webhook's only delivery", async () => {
    rig.returnWhatIsDue();
    rig.webhook({ retry_delays_s: Array.from({ length: 30 }, () => 5) }, failing);
    rig.submit();
    await advance(200 * SECOND);
    const times = sentTo("wh_1").map(({ at }) => at);
    expect(times).toHaveLength(31);
    for (const [index, at] of times.slice(1).entries()) {
      const gap = at - (times[index] ?? 0);
      expect(gap).toBeGreaterThanOrEqual(5_010);
      expect(gap).toBeLessThanOrEqual(5_110);
    }
    expect(rig.meter.parks).toEqual([]);
  });

  it("closes on a 2xx, and the webhook ramps up from 2 at once", async () => {
    await open();
    rig.returnWhatIsDue();
    rig.webhook({}, () => takes(200, ok));
    rig.sender.most.clear();
    rig.submitMany(40);
    await advance(5_150);
    expect(rig.sender.open.get(urlOf("wh_1"))).toBe(1);
    expect(rig.engine.openCircuits).toBe(1);
    await advance(100);
    expect(rig.engine.openCircuits).toBe(0);
    rig.submitMany(40);
    await advance(300);
    expect(rig.sender.open.get(urlOf("wh_1"))).toBeLessThanOrEqual(3);
    await advance(20 * SECOND);
    expect(rig.sender.most.get(urlOf("wh_1"))).toBeGreaterThan(5);
    expect(rig.attempts.filter(({ state }) => state.status === "delivered")).toHaveLength(80);
  });

  it("opens while attempts hang, long before they fail, and parks all that waits", async () => {
    rig.webhook({}, hang);
    rig.submitMany(10);
    await advance(4_900);
    expect(rig.engine.openCircuits).toBe(0);
    expect(rig.put).toEqual([]);
    await advance(300);
    expect(rig.engine.openCircuits).toBe(1);
    expect(rig.meter.parks).toEqual(Array.from({ length: 8 }, () => "circuit_open"));
  });

  it("closes when the webhook is changed, though attempts at the old receiver still hang", async () => {
    rig.webhook({}, hang);
    rig.submitMany(4);
    await advance(6 * SECOND);
    expect(rig.engine.openCircuits).toBe(1);
    rig.webhook({ version: 2, url: "https://new.acme.com/" });
    rig.submitMany(5);
    await advance(SECOND);
    expect(rig.engine.openCircuits).toBe(0);
    expect(rig.sender.open.get(urlOf("wh_1"))).toBe(2);
    expect(rig.attempts.filter(({ state }) => state.status === "delivered")).toHaveLength(5);
  });

  it("does not open for a webhook that answers now and then", async () => {
    let count = 0;
    rig.webhook({}, () => takes(10, count++ % 10 === 0 ? ok : answer(500)));
    for (let i = 0; i < 200; i++) {
      rig.submit();
      await advance(500);
    }
    expect(rig.engine.openCircuits).toBe(0);
    expect(rig.meter.parks).toEqual([]);
  });
});

describe("a webhook that hangs", () => {
  it("holds up nobody else", async () => {
    rig.returnWhatIsDue();
    for (let i = 0; i < 100; i++) rig.webhook({ id: `hung_${i}` }, hang);
    for (let i = 0; i < 100; i++) rig.webhook({ id: `well_${i}` }, () => takes(20, ok));
    const began = Date.now();
    for (let second = 0; second < 60; second++) {
      for (let i = 0; i < 100; i++) {
        rig.submit({ webhook_id: `hung_${i}` });
        rig.submit({ webhook_id: `well_${i}` });
      }
      await advance(SECOND);
    }
    const waits = rig.meter.attempts
      .filter(({ record }) => record.webhook_id.startsWith("well_"))
      .map(({ startedAt, record }) => startedAt - record.accepted_at);
    expect(Date.now() - began).toBe(60 * SECOND);
    expect(waits).toHaveLength(6_000);
    expect(Math.max(...waits)).toBeLessThan(50);
  });
});
