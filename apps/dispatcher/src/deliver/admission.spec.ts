import { type AdmissionQuestion, admit, admitTest, admitUnsigned } from "./admission";
import { Lanes } from "./lanes";
import { WaitingRoom } from "./waiting-queue";
import { type RunningAttempt, WebhookLoad } from "./webhook-load";

const now = 1_800_000_000_000;
const DAY = 86_400_000;

function aLoad(): WebhookLoad {
  const room = new WaitingRoom({ records: 100, bytes: 1_000_000 });
  return new WebhookLoad("wh_1", 3, { epoch: "p1-1", timeScale: 1, room });
}

function running(load: WebhookLoad, ages: readonly number[]): WebhookLoad {
  for (const age of ages) load.begun(attempt(age));
  return load;
}

function attempt(ageMs: number, lane: RunningAttempt["lane"] = "fast"): RunningAttempt {
  return { startedAt: now - ageMs, timeoutMs: 10_000, version: 0, bytes: 100, wasLimiting: true, lane };
}

function open(load: WebhookLoad, agoMs: number): WebhookLoad {
  for (let i = 0; i < 10; i++) load.circuit.failed({ startedAt: now - agoMs, endedAt: now - agoMs });
  return load;
}

function lanes({ fast = true, slow = true } = {}): Lanes {
  return new Lanes({ slots: { fast: fast ? 1 : 0, slow: slow ? 1 : 0 }, bytes: 1_000_000 });
}

function question(overrides: Partial<AdmissionQuestion> = {}): AdmissionQuestion {
  const load = overrides.load ?? aLoad();
  return {
    load,
    position: load.backlog.positionOf(null),
    isFirst: true,
    limits: { maxInFlight: null, maxPerSecond: null },
    lanes: lanes(),
    fill: 0.5,
    waitsAlready: false,
    saturated: false,
    lifetimeEndsAt: now + DAY,
    timeScale: 1,
    parks: 0,
    ...overrides,
  };
}

/** A webhook with so many deliveries before the one in question. */
function behind(count: number, load = aLoad()): Pick<AdmissionQuestion, "load" | "position" | "isFirst"> {
  for (let i = 0; i < count; i++) load.backlog.positionOf(null);
  return { load, position: load.backlog.positionOf(null), isFirst: false };
}

describe("admission", () => {
  it("starts a delivery in the fast lane when nothing stands against it", () => {
    expect(admit(question(), now)).toEqual({ kind: "start", lane: "fast" });
  });

  it("starts a slow webhook's in the slow lane, whether or not the fast one has room", () => {
    const load = running(aLoad(), [1_001]);
    expect(admit(question({ load, lanes: lanes({ fast: false }) }), now)).toEqual({ kind: "start", lane: "slow" });
  });

  it("parks a slow webhook's when the slow lane is full", () => {
    const load = running(aLoad(), [1_001]);
    expect(admit(question({ load, lanes: lanes({ slow: false }) }), now)).toEqual({
      kind: "park",
      reason: "slow_lane_full",
      tier: "5s",
    });
  });

  it("lets a delivery wait for the fast lane", () => {
    expect(admit(question({ lanes: lanes({ fast: false }) }), now)).toEqual({ kind: "wait", for: "lane" });
  });

  it("lets it wait at the adaptive cap and at the webhook's own", () => {
    expect(admit(question({ load: running(aLoad(), [10, 10]) }), now)).toEqual({ kind: "wait", for: "cap" });
    const limits = { maxInFlight: 1, maxPerSecond: null };
    expect(admit(question({ load: running(aLoad(), [10]), limits }), now)).toEqual({ kind: "wait", for: "cap" });
  });

  it("lets it wait for its turn behind others of its webhook, and for max_per_second", () => {
    expect(admit(question({ isFirst: false }), now)).toEqual({ kind: "wait", for: "cap" });
    const load = aLoad();
    load.pace.started(5, now);
    expect(admit(question({ load, limits: { maxInFlight: null, maxPerSecond: 5 } }), now)).toEqual({
      kind: "wait",
      for: "pace",
    });
  });

  it("parks what would wait longer than it may in memory, by how long it would", () => {
    const limits = { maxInFlight: null, maxPerSecond: 5 };
    expect(admit(question({ ...behind(25), limits }), now)).toMatchObject({ kind: "wait" });
    expect(admit(question({ ...behind(26), limits }), now)).toEqual({ kind: "park", reason: "at_cap", tier: "5s" });
    const again = { limits, parks: 5 };
    expect(admit(question({ ...behind(800), ...again }), now)).toMatchObject({ reason: "at_cap", tier: "30s" });
    expect(admit(question({ ...behind(2_000), ...again }), now)).toMatchObject({ reason: "at_cap", tier: "2m" });
  });

  it("lets it wait longer while much memory is free, and twice as long when it waits already", () => {
    const limits = { maxInFlight: null, maxPerSecond: 5 };
    const kind = (count: number, overrides: Partial<AdmissionQuestion>) =>
      admit(question({ ...behind(count), limits, ...overrides }), now).kind;
    expect([kind(150, { fill: 0.49 }), kind(151, { fill: 0.49 })]).toEqual(["wait", "park"]);
    expect([kind(50, { waitsAlready: true }), kind(51, { waitsAlready: true })]).toEqual(["wait", "park"]);
  });

  it("does not take for a busy webhook what this process has no time for", () => {
    const load = aLoad();
    load.cap.answered(10, false);
    load.cap.overloaded(now, now);
    const late = { endedAt: now, startedAt: now - 900 };
    for (let i = 0; i < 20; i++) {
      const one = attempt(900);
      load.begun(one);
      load.ended(one, { outcome: { kind: "delivered", status_code: 200 }, ...late });
    }
    const crowd = behind(400, load);
    expect(admit(question(crowd), now)).toMatchObject({ kind: "park", reason: "at_cap" });
    expect(admit(question({ ...crowd, saturated: true }), now)).toMatchObject({ kind: "wait" });
    running(load, [1_001]);
    expect(admit(question({ ...crowd, saturated: true }), now)).toMatchObject({ kind: "park" });
  });

  it("parks when memory is short, unless the wait is too, or it is the fast lane that is full", () => {
    const limits = { maxInFlight: null, maxPerSecond: 5 };
    const crowded = { ...behind(6), limits, fill: 1 };
    expect(admit(question(crowded), now)).toEqual({ kind: "park", reason: "at_cap", tier: "5s" });
    expect(admit(question({ ...crowded, ...behind(5) }), now)).toMatchObject({ kind: "wait" });
    expect(admit(question({ ...crowded, lanes: lanes({ fast: false }) }), now)).toMatchObject({ kind: "wait" });
  });

  describe("with an open circuit", () => {
    it("parks until the next probe, also what is first and has a slot", () => {
      expect(admit(question({ load: open(aLoad(), 1_000) }), now)).toEqual({
        kind: "park",
        reason: "circuit_open",
        tier: "5s",
      });
    });

    it("starts one as a probe when it is time, none is in flight, and a slot is free", () => {
      expect(admit(question({ load: open(aLoad(), 5_000) }), now)).toEqual({ kind: "start", lane: "fast" });
      const probed = running(open(aLoad(), 5_000), [10]);
      expect(admit(question({ load: probed }), now)).toMatchObject({ kind: "park", reason: "circuit_open" });
      const full = question({ load: open(aLoad(), 5_000), lanes: lanes({ fast: false }) });
      expect(admit(full, now)).toMatchObject({ kind: "park", reason: "circuit_open" });
    });

    it("lets the only delivery of a webhook keep its schedule, whatever the interval has grown to", () => {
      const load = open(aLoad(), 100_000);
      for (const ago of [60_000, 50_000, 40_000, 5_000]) {
        load.circuit.failed({ startedAt: now - ago, endedAt: now - ago });
      }
      const alone = question({ load });
      expect(admit(alone, now)).toMatchObject({ kind: "start" });
      expect(admit({ ...alone, parks: 1 }, now)).toMatchObject({ kind: "park", tier: "2m" });
      expect(admit(question(behind(1, load)), now)).toMatchObject({ kind: "park", tier: "2m" });
    });

    it("parks longer the more wait, so that they do not all circulate every few seconds", () => {
      expect(admit(question({ ...behind(10_000, open(aLoad(), 1_000)), parks: 4 }), now)).toMatchObject({
        tier: "10m",
      });
    });
  });

  describe("at the end of a delivery's lifetime", () => {
    const over = { lifetimeEndsAt: now };

    it("still starts it, or probes with it, when a slot is free", () => {
      expect(admit(question(over), now)).toMatchObject({ kind: "start" });
      expect(admit(question({ ...over, load: open(aLoad(), 5_000) }), now)).toMatchObject({ kind: "start" });
    });

    it.each([
      ["at its cap", { load: running(aLoad(), [10, 10]) }],
      ["behind others", behind(1)],
      ["without a slot", { lanes: lanes({ fast: false }) }],
      ["with an open circuit", { load: open(aLoad(), 1_000) }],
      ["slow, without a slot", { load: running(aLoad(), [1_001]), lanes: lanes({ slow: false }) }],
    ] as const)("ends it otherwise: %s", (_, overrides) => {
      expect(admit(question({ ...over, ...overrides }), now)).toEqual({ kind: "lifetime_over" });
    });

    it("parks it for no longer than it lives", () => {
      const limits = { maxInFlight: null, maxPerSecond: 5 };
      const soon = question({ ...behind(9_000), limits, parks: 5, lifetimeEndsAt: now + 40_000 });
      expect(admit(soon, now)).toMatchObject({ kind: "park", tier: "30s" });
    });
  });
});

describe("the admission of a test", () => {
  it("passes by circuit, cap and pace", () => {
    const load = running(open(aLoad(), 1_000), [10, 10]);
    load.pace.started(1, now);
    expect(admitTest(question({ load }), now)).toEqual({ kind: "start", lane: "fast" });
  });

  it("lets two of a webhook run and parks others, longer each time", () => {
    const load = aLoad();
    for (const age of [10, 20]) load.tests.add(attempt(age));
    expect(admitTest(question({ load }), now)).toEqual({ kind: "park", reason: "at_cap", tier: "5s" });
    expect(admitTest(question({ load, parks: 4 }), now)).toMatchObject({ kind: "park", tier: "2m" });
    expect(admitTest(question({ load, parks: 1_000 }), now)).toMatchObject({ kind: "park", tier: "1h" });
    expect(admitTest(question({ load, lifetimeEndsAt: now }), now)).toEqual({ kind: "lifetime_over" });
  });

  it("sends it to the slow lane behind a test that hangs", () => {
    const load = aLoad();
    load.tests.add(attempt(5_000, "slow"));
    expect(admitTest(question({ load }), now)).toEqual({ kind: "start", lane: "slow" });
    const full = question({ load, lanes: lanes({ slow: false }) });
    expect(admitTest(full, now)).toMatchObject({ kind: "park", reason: "slow_lane_full" });
  });
});

describe("the admission of what cannot be signed", () => {
  it("looks again soon, then now and then, until the lifetime is over", () => {
    expect(admitUnsigned(question(), now)).toEqual({ kind: "park", reason: "no_secret", tier: "5s" });
    expect(admitUnsigned(question({ parks: 1 }), now)).toMatchObject({ reason: "no_secret", tier: "2m" });
    expect(admitUnsigned(question({ parks: 1, lifetimeEndsAt: now }), now)).toEqual({ kind: "lifetime_over" });
  });
});
