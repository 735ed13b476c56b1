import { classify } from "@waggle/domain";
import { aDelivery, FakeJob } from "./delivery-engine.fake";
import { WaitingRoom } from "./waiting-queue";
import { type RunningAttempt, WebhookLoad } from "./webhook-load";

const now = 1_800_000_000_000;
const unlimited = { maxInFlight: null, maxPerSecond: null };

function aLoad(): WebhookLoad {
  const load = new WebhookLoad("wh_1", 3, {
    epoch: "p1-1",
    timeScale: 1,
    room: new WaitingRoom({ records: 100, bytes: 1_000_000 }),
  });
  load.noticeVersion(1);
  return load;
}

function begun(load: WebhookLoad, startedAt: number, overrides: Partial<RunningAttempt> = {}): RunningAttempt {
  const attempt: RunningAttempt = {
    startedAt,
    timeoutMs: 10_000,
    version: 1,
    bytes: 100,
    wasLimiting: true,
    lane: "fast",
    ...overrides,
  };
  load.begun(attempt);
  return attempt;
}

type Result = Parameters<typeof classify>[0];

function ended(load: WebhookLoad, attempt: RunningAttempt, result: Result, tookMs: number): void {
  const endedAt = attempt.startedAt + tookMs;
  load.ended(attempt, { outcome: classify(result, endedAt), startedAt: attempt.startedAt, endedAt });
}

const status = (status_code: number): Result => ({ status_code, retry_after: null });

describe("a webhook's load", () => {
  it("is slow while its oldest attempt has taken more than a second", () => {
    const load = aLoad();
    begun(load, now - 1_000);
    begun(load, now - 10);
    expect(load.isSlow(now)).toBe(false);
    expect(load.isSlow(now + 1)).toBe(true);
  });

  it("is slow while its answers take more than a second on average, whatever they are", () => {
    const load = aLoad();
    ended(load, begun(load, now), status(500), 1_200);
    expect(load.isSlow(now)).toBe(true);
    for (let i = 0; i < 5; i++) ended(load, begun(load, now), status(200), 100);
    expect(load.isSlow(now)).toBe(false);
  });

  it("estimates a wait from how long answers take and how many are sent at once", () => {
    const load = aLoad();
    ended(load, begun(load, now, { wasLimiting: false }), { error: "timeout" }, 2_000);
    expect(load.estimatedWaitMs(10, { limits: unlimited, saturated: false }, now)).toBe(20_000);
    expect(load.estimatedWaitMs(10, { limits: { ...unlimited, maxPerSecond: 0.1 }, saturated: false }, now)).toBe(
      100_000,
    );
  });

  it("estimates from the age of what is in flight too, before any answer says that it is slow", () => {
    const load = aLoad();
    begun(load, now - 8_000);
    expect(load.estimatedWaitMs(8, { limits: { ...unlimited, maxInFlight: 1 }, saturated: false }, now)).toBe(64_000);
  });

  it("opens its circuit on failures and starts anew with the 2xx that closes it", () => {
    const load = aLoad();
    for (let i = 0; i < 200; i++) ended(load, begun(load, now), status(200), 10);
    expect(load.cap.limit(null)).toBe(64);
    for (let i = 0; i < 10; i++) ended(load, begun(load, now + 120_000 + i), status(500), 2_000);
    expect(load.circuit.isOpen).toBe(true);
    ended(load, begun(load, now + 130_000), status(204), 10);
    expect(load.circuit.isOpen).toBe(false);
    expect(load.cap.limit(null)).toBeLessThanOrEqual(3);
    expect(load.isSlow(now + 130_000)).toBe(false);
  });

  it.each([
    [status(429), 32],
    [status(503), 32],
    [{ error: "timeout" }, 32],
    [status(500), 64],
    [{ error: "connection_refused" }, 64],
  ] as const)("after %j has a cap of %i", (result, cap) => {
    const load = aLoad();
    for (let i = 0; i < 200; i++) ended(load, begun(load, now), status(200), 10);
    ended(load, begun(load, now), result, 20);
    expect(load.cap.limit(null)).toBe(cap);
  });

  it.each([
    [status(429), true],
    [status(500), false],
    [{ error: "timeout" }, false],
  ] as const)("after %j alone is paced: %s", (result, isPaced) => {
    const load = aLoad();
    for (let i = 0; i < 5; i++) ended(load, begun(load, now + i * 100), status(200), 10);
    ended(load, begun(load, now + 500), result, 20);
    expect(load.pace.perSecond(null) < Number.POSITIVE_INFINITY).toBe(isPaced);
  });

  it("starts anew with a newer version, and learns nothing from attempts of an older one", () => {
    const load = aLoad();
    ended(load, begun(load, now), status(429), 10);
    for (let i = 0; i < 10; i++) ended(load, begun(load, now), status(500), 3_000);
    const [hung, other] = [begun(load, now), begun(load, now)];
    load.noticeVersion(2);
    expect(load.circuit.isOpen).toBe(false);
    expect(load.current).toBe(0);
    expect(load.isSlow(now + 9_000)).toBe(false);
    load.noticeAges(now + 9_000);
    for (const attempt of [hung, other]) ended(load, attempt, { error: "timeout" }, 10_000);
    for (let i = 0; i < 10; i++) ended(load, begun(load, now), status(429), 10);
    expect(load.circuit.isOpen).toBe(false);
    expect(load.cap.limit(null)).toBe(2);
    expect(load.pace.perSecond(null)).toBe(Number.POSITIVE_INFINITY);
  });

  it("counts attempts of an older version against the webhook's own cap, not against the learned one", () => {
    const load = aLoad();
    for (let i = 0; i < 2; i++) begun(load, now);
    expect(load.isAtCap(null)).toBe(true);
    load.noticeVersion(2);
    expect(load.isAtCap(null)).toBe(false);
    expect(load.isAtCap(2)).toBe(true);
    expect(load.isAtCap(3)).toBe(false);
    expect(load.isIdle).toBe(false);
  });

  it("remembers the newest version that answered 410", () => {
    const load = aLoad();
    expect(load.goneVersion).toBeNull();
    load.noticeVersion(5);
    ended(load, begun(load, now, { version: 5 }), status(410), 10);
    ended(load, begun(load, now, { version: 4 }), status(410), 10);
    expect(load.goneVersion).toBe(5);
  });

  it("is idle when nothing runs, tests included, and nothing waits", () => {
    const load = aLoad();
    expect(load.isIdle).toBe(true);
    const item = { job: new FakeJob(aDelivery()), position: 1 };
    load.waiting.add(item);
    expect(load.isIdle).toBe(false);
    load.waiting.remove(item);
    const attempt = begun(load, now);
    expect(load.isIdle).toBe(false);
    ended(load, attempt, status(200), 10);
    load.tests.add(attempt);
    expect(load.isIdle).toBe(false);
  });
});
