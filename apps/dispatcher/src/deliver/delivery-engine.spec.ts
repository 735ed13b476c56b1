import { answer, EngineRig, failure, ok, takes } from "./delivery-engine.fake";

const SECOND = 1_000;
const MINUTE = 60_000;
const DAY = 86_400_000;
const advance = (ms: number) => jest.advanceTimersByTimeAsync(ms);

let rig: EngineRig;

beforeEach(() => {
  jest.useFakeTimers({ now: 1_800_000_000_000 });
  rig = new EngineRig();
});
afterEach(() => jest.useRealTimers());

describe("a delivery that is due", () => {
  it("is attempted at once; its record is done once the attempt's is acknowledged, and not before", async () => {
    let acknowledge: () => void = () => undefined;
    rig.log.onWrite = () => new Promise((resolve) => (acknowledge = resolve));
    rig.webhook();
    const job = rig.submit();
    await advance(10);
    expect(rig.sender.requests).toHaveLength(1);
    expect(rig.attempts).toMatchObject([{ state: { status: "delivered" }, try: { number: 1 }, circuit: "closed" }]);
    expect([job.timesEnded, job.timesDone]).toEqual([1, 0]);
    expect(rig.engine.inFlight).toBe(1);
    acknowledge();
    await advance(0);
    expect(job.timesDone).toBe(1);
    expect(rig.engine.inFlight).toBe(0);
  });

  it("goes to the tier of its schedule when the attempt fails, as the next attempt, never parked", async () => {
    rig.webhook({}, () => takes(10, answer(500)));
    const job = rig.submit({ attempt: 2, park: 3, park_reason: "at_cap", park_position: "p1-1:7" });
    await advance(10);
    const due_at = Date.now() + 120 * SECOND;
    expect(rig.put).toMatchObject([
      {
        tier: "2m",
        partition: 3,
        delivery: { attempt: 3, park: 0, park_reason: null, park_position: null, due_at, round: 1 },
      },
    ]);
    expect(rig.attempts).toMatchObject([{ state: { status: "pending", next_attempt_at: due_at } }]);
    expect([job.timesEnded, job.timesDone]).toEqual([0, 1]);
  });

  it("waits as long as Retry-After says, in seconds or as a date, on 429 and 503", async () => {
    const date = new Date(Date.now() + 4_000 * SECOND).toUTCString();
    const answers = [answer(429, "300"), answer(503, date), answer(500, "300")];
    rig.webhook({}, () => takes(10, answers.shift() ?? ok));
    for (let i = 0; i < 3; i++) {
      rig.submit();
      await advance(60 * SECOND);
    }
    expect(rig.put.map(({ tier }) => tier)).toEqual(["10m", "6h", "30s"]);
  });

  it("ends when its schedule is used up", async () => {
    rig.webhook({ retry_delays_s: [5, 5] }, () => takes(10, failure("connection_refused")));
    rig.returnWhatIsDue();
    rig.submit();
    await advance(60 * SECOND);
    expect(rig.attempts.map(({ try: http, state }) => [http?.number, state.status, state.reason])).toEqual([
      [1, "pending", null],
      [2, "pending", null],
      [3, "exhausted", "attempts_used"],
    ]);
  });

  it("is sent to where its webhook points now", async () => {
    rig.webhook({ url: "https://old.acme.com/" }, () => takes(10, answer(500)));
    rig.returnWhatIsDue();
    rig.submit();
    await advance(SECOND);
    rig.webhook({ url: "https://new.acme.com/", version: 2 });
    await advance(30 * SECOND);
    expect(rig.sender.requests.map(({ request }) => request.url)).toEqual([
      "https://old.acme.com/",
      "https://new.acme.com/",
    ]);
    expect(rig.attempts.at(-1)).toMatchObject({ webhook_version: 2, state: { status: "delivered" } });
  });

  it.each([
    ["disabled", "webhook_disabled", 4],
    ["deleted", "webhook_deleted", 0],
  ] as const)("is skipped when its webhook is %s, and says so", async (state, reason, webhook_version) => {
    if (state === "disabled") rig.webhook({ status: "disabled", version: 4 });
    else rig.webhooks.known.set("wh_1", "deleted");
    const job = rig.submit();
    await advance(0);
    expect(rig.sender.requests).toEqual([]);
    expect(rig.attempts).toMatchObject([
      { try_id: `end_dlv_1_1_${reason}`, webhook_version, try: null, state: { status: "skipped", reason } },
    ]);
    expect(job.timesDone).toBe(1);
  });

  it("is dropped without a trace when a re-queue superseded its round", async () => {
    rig.webhook();
    rig.webhooks.minRounds.set("dlv_1", 2);
    const job = rig.submit();
    await advance(0);
    expect(rig.log.outputs).toEqual([]);
    expect(job.timesDone).toBe(1);
  });

  it("stops the process when Kafka refuses what came of it, and stays open", async () => {
    rig.log.onWrite = () => Promise.reject(new Error("refused"));
    rig.webhook();
    const job = rig.submit();
    await advance(10);
    expect(rig.fatal).toEqual([new Error("refused")]);
    expect(job.timesDone).toBe(0);
  });
});

describe("a delivery ahead of the directory", () => {
  it("waits for it, and goes out when it has arrived", async () => {
    rig.webhook({ version: 1 });
    const job = rig.submit({ min_webhook_version: 2 });
    await advance(30 * SECOND);
    expect(rig.log.outputs).toEqual([]);
    rig.webhook({ version: 2 });
    rig.engine.webhookChanged("wh_1");
    await advance(10);
    expect(rig.attempts).toMatchObject([{ webhook_version: 2 }]);
    expect(job.timesDone).toBe(1);
  });

  it("is judged by what there is after 60 s: sent, or skipped when there is nothing", async () => {
    rig.webhook({ version: 1 });
    rig.submit({ min_webhook_version: 2 });
    rig.submit({ webhook_id: "wh_unknown" });
    await advance(59 * SECOND);
    expect(rig.log.outputs).toEqual([]);
    await advance(2 * SECOND);
    expect(rig.attempts).toMatchObject([
      { webhook_id: "wh_unknown", state: { status: "skipped", reason: "webhook_deleted" } },
      { webhook_id: "wh_1", state: { status: "delivered" } },
    ]);
    await advance(60 * SECOND);
    expect(rig.attempts).toHaveLength(2);
  });

  it("holds up no other delivery of its webhook", async () => {
    rig.webhook({ version: 1 });
    rig.submit({ min_webhook_version: 2 });
    rig.submit();
    await advance(10);
    expect(rig.attempts).toHaveLength(1);
  });
});

describe("a webhook that answers 410", () => {
  it("gets nothing more at once, not even what waits already, until the directory says what it is now", async () => {
    rig.webhook({ version: 5, max_in_flight: 1 }, () => takes(10, answer(410)));
    rig.submitMany(3);
    await advance(SECOND);
    rig.submit();
    await advance(SECOND);
    expect(rig.sender.requests).toHaveLength(1);
    expect(rig.attempts.map(({ state }) => state.reason)).toEqual([
      "gone",
      "webhook_disabled",
      "webhook_disabled",
      "webhook_disabled",
    ]);
    rig.webhook({ version: 6 }, () => takes(10, ok));
    rig.submit();
    await advance(SECOND);
    expect(rig.attempts.at(-1)).toMatchObject({ state: { status: "delivered" } });
  });

  it("is not forgotten while the directory is behind, however long that takes", async () => {
    rig.webhook({ version: 5 }, () => takes(10, answer(410)));
    rig.submit();
    await advance(20 * MINUTE);
    rig.engine.tidy();
    rig.submit();
    await advance(SECOND);
    expect(rig.sender.requests).toHaveLength(1);
    rig.webhook({ version: 6, status: "disabled" });
    await advance(20 * MINUTE);
    rig.engine.tidy();
    rig.webhook({ version: 5 });
    rig.submit();
    await advance(SECOND);
    expect(rig.sender.requests).toHaveLength(2);
  });
});

describe("a test", () => {
  it("is sent once, also to a disabled webhook, and teaches and counts nothing", async () => {
    rig.webhook({ status: "disabled" }, () => takes(10, answer(410)));
    for (let i = 0; i < 12; i++) {
      rig.submit({ test: true });
      await advance(SECOND);
    }
    expect(rig.attempts).toHaveLength(12);
    for (const attempt of rig.attempts) {
      expect(attempt).toMatchObject({ circuit: null, state: { status: "exhausted", reason: "attempts_used" } });
    }
    expect(rig.put).toEqual([]);
    expect(rig.meter.attempts).toEqual([]);
    expect(rig.engine.openCircuits).toBe(0);
    rig.webhook({}, () => takes(10, ok));
    rig.submit();
    await advance(SECOND);
    expect(rig.attempts.at(-1)).toMatchObject({ test: false, state: { status: "delivered" } });
  });

  it("passes by what waits, but not more than two of a webhook at once", async () => {
    rig.returnWhatIsDue();
    rig.webhook({ max_in_flight: 1 }, () => takes(2 * SECOND, ok));
    rig.submitMany(2);
    const tests = Array.from({ length: 3 }, () => rig.submit({ test: true }));
    expect(rig.sender.requests).toHaveLength(3);
    await advance(20 * SECOND);
    expect(rig.put).toMatchObject([{ delivery: { test: true, park_reason: "at_cap" } }]);
    expect(rig.meter.parks).toEqual([]);
    expect(rig.attempts.filter(({ test }) => test)).toHaveLength(3);
    expect(tests.every(({ timesDone }) => timesDone === 1)).toBe(true);
  });
});

describe("a delivery that cannot be signed", () => {
  it("uses up no attempt: it waits until there is a secret", async () => {
    rig.returnWhatIsDue();
    const webhook = rig.webhook();
    rig.webhooks.known.set("wh_1", { ...webhook, keys: [] });
    rig.submit();
    await advance(60 * SECOND);
    expect(rig.sender.requests).toEqual([]);
    expect(rig.meter.parks).toEqual(["no_secret", "no_secret"]);
    rig.webhooks.known.set("wh_1", webhook);
    await advance(120 * SECOND);
    expect(rig.attempts).toMatchObject([{ try: { number: 1 }, state: { status: "delivered" } }]);
  });

  it("ends at once when it is a test: sent later it would say nothing", async () => {
    const webhook = rig.webhook();
    rig.webhooks.known.set("wh_1", { ...webhook, keys: [] });
    rig.submit({ test: true });
    await advance(SECOND);
    expect(rig.attempts).toMatchObject([{ try: null, state: { status: "exhausted", reason: "lifetime_over" } }]);
    expect(rig.put).toEqual([]);
  });

  it("ends when its lifetime does", async () => {
    const webhook = rig.webhook({ retry_delays_s: [5] });
    rig.webhooks.known.set("wh_1", { ...webhook, keys: [] });
    rig.submit({ first_due_at: Date.now() - DAY - 5 * SECOND });
    await advance(0);
    expect(rig.attempts).toMatchObject([{ try: null, state: { status: "exhausted", reason: "lifetime_over" } }]);
  });
});

describe("at the end of its lifetime a delivery", () => {
  const old = () => ({ first_due_at: Date.now() - DAY - 5 * SECOND, attempt: 1 });

  it("has a last attempt when a slot is free, which ends it either way", async () => {
    const answers = [answer(500), ok];
    rig.webhook({ retry_delays_s: [5] }, () => takes(10, answers.shift() ?? ok));
    rig.submit(old());
    rig.submit(old());
    await advance(SECOND);
    expect(rig.attempts.map(({ state }) => [state.status, state.reason])).toEqual([
      ["exhausted", "lifetime_over"],
      ["delivered", null],
    ]);
    expect(rig.put).toEqual([]);
  });

  it("ends without one otherwise", async () => {
    rig.webhook({ retry_delays_s: [5], max_in_flight: 1 }, () => takes(500, ok));
    rig.submit();
    const job = rig.submit(old());
    await advance(0);
    expect(rig.attempts).toMatchObject([{ try: null, state: { status: "exhausted", reason: "lifetime_over" } }]);
    expect(job.timesDone).toBe(1);
  });
});
