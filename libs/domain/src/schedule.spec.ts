import fc from "fast-check";
import {
  lifetimeEndsAt,
  RETRY_DELAYS_S,
  retryDelays,
  scaledMs,
  TIER_SECONDS,
  TIERS,
  tierAtLeast,
  tierAtMost,
} from "./schedule";

const sum = (delays: readonly number[]) => delays.reduce((total, seconds) => total + seconds, 0);

describe("retry schedules", () => {
  it("are hiveku's 30 s, 2 min, 10 min, 6 × 1 h, 2 × 6 h: the last attempt 18.2 h after the first", () => {
    const { hiveku } = RETRY_DELAYS_S;
    expect(hiveku).toEqual([30, 120, 600, 3600, 3600, 3600, 3600, 3600, 3600, 21_600, 21_600]);
    expect(sum(hiveku) / 3_600).toBeCloseTo(18.2, 1);
    expect(sum(hiveku) + 21_600).toBeGreaterThan(86_400);
  });

  it("are buzzmark's six attempts", () => {
    expect(RETRY_DELAYS_S.buzzmark).toEqual([30, 120, 600, 3600, 21_600]);
  });

  it("are the standard dialect's 5 s, 2 min, 10 min, 1 h, 3 × 6 h", () => {
    expect(RETRY_DELAYS_S.standard).toEqual([5, 120, 600, 3600, 21_600, 21_600, 21_600]);
  });

  it("use only waits that a tier has, or a retry would be early or late", () => {
    const waits = new Set(Object.values(TIER_SECONDS));
    for (const delays of Object.values(RETRY_DELAYS_S)) for (const delay of delays) expect(waits).toContain(delay);
  });
});

describe("tiers", () => {
  it("stand in order, the shortest first", () => {
    const waits = TIERS.map((tier) => TIER_SECONDS[tier]);
    expect(waits).toEqual([5, 30, 120, 600, 3_600, 21_600]);
  });

  it("are found by the wait they must reach", () => {
    expect([0, 1, 5, 6, 30, 31, 601, 21_600].map(tierAtLeast)).toEqual([
      "5s",
      "5s",
      "5s",
      "30s",
      "30s",
      "2m",
      "1h",
      "6h",
    ]);
  });

  it("are found by the wait they must not pass", () => {
    expect([0, 4, 5, 29, 30, 599, 3_600, 99_999].map(tierAtMost)).toEqual([
      "5s",
      "5s",
      "5s",
      "5s",
      "30s",
      "2m",
      "1h",
      "6h",
    ]);
  });

  it("enclose every wait between them as tightly as they can", () => {
    fc.assert(
      fc.property(fc.integer({ min: 5, max: 21_600 }), (seconds) => {
        const above = tierAtLeast(seconds);
        const below = tierAtMost(seconds);
        expect(TIER_SECONDS[above]).toBeGreaterThanOrEqual(seconds);
        expect(TIER_SECONDS[below]).toBeLessThanOrEqual(seconds);
        expect(TIERS.indexOf(above) - TIERS.indexOf(below)).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe("retryDelays", () => {
  it("are the dialect's unless the webhook has its own", () => {
    expect(retryDelays({ dialect: "buzzmark", retry_delays_s: null })).toBe(RETRY_DELAYS_S.buzzmark);
  });

  it("round each of a webhook's own up to a tier", () => {
    expect(retryDelays({ dialect: "hiveku", retry_delays_s: [1, 6, 30, 3_601] })).toEqual([5, 30, 30, 21_600]);
  });

  it("never wait less than the webhook asked, and are as many", () => {
    const own = fc.array(fc.integer({ min: 1, max: 21_600 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(own, (retry_delays_s) => {
        const delays = retryDelays({ dialect: "hiveku", retry_delays_s });
        expect(delays).toHaveLength(retry_delays_s.length);
        delays.forEach((delay, index) => {
          expect(delay).toBeGreaterThanOrEqual(retry_delays_s[index] ?? Number.POSITIVE_INFINITY);
        });
      }),
    );
  });
});

describe("lifetimes", () => {
  it("end with the sum of the schedule plus 24 h after the first attempt was due", () => {
    expect(lifetimeEndsAt(1_000, RETRY_DELAYS_S.buzzmark, 1)).toBe(1_000 + (25_950 + 86_400) * 1_000);
  });

  it("shrink with the time scale like every wait", () => {
    expect(scaledMs(3_600, 600)).toBe(6_000);
    expect(lifetimeEndsAt(0, [], 86_400)).toBe(1_000);
    expect(lifetimeEndsAt(0, [], 70_000)).toBe(1_235);
  });

  it("leave room for the whole schedule", () => {
    const delays = fc.array(fc.constantFrom(...Object.values(TIER_SECONDS)), { maxLength: 30 });
    fc.assert(
      fc.property(delays, fc.integer({ min: 1, max: 100_000 }), (schedule, timeScale) => {
        expect(lifetimeEndsAt(0, schedule, timeScale)).toBeGreaterThan(scaledMs(sum(schedule), timeScale));
      }),
    );
  });
});
