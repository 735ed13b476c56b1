import { Pace } from "./pace";

/** How many attempts start in the given time when each is begun as soon as it may. */
function startsWithin(pace: Pace, ms: number, most: number | null): number {
  let starts = 0;
  for (let now = 10_000; now < 10_000 + ms; now++) {
    if (pace.waitMs(now) > 0) continue;
    pace.started(most, now);
    starts += 1;
  }
  return starts;
}

describe("a webhook's pace", () => {
  it("is not limited unless something limits it", () => {
    expect(startsWithin(new Pace(), 100, null)).toBe(100);
  });

  it("keeps to max_per_second, evenly", () => {
    expect(startsWithin(new Pace(), 10_000, 5)).toBeGreaterThanOrEqual(50);
    expect(startsWithin(new Pace(), 10_000, 5)).toBeLessThanOrEqual(52);
  });

  it("learns from 429 about what the receiver was seen to take", () => {
    const pace = new Pace();
    for (let now = 10_000; now < 20_000; now += 500) pace.delivered(now);
    pace.refused(20_000);
    expect(pace.perSecond(null)).toBeGreaterThan(1.5);
    expect(pace.perSecond(null)).toBeLessThan(2.1);
  });

  it("never learns less than one attempt in two seconds, and speeds up again with success", () => {
    const pace = new Pace();
    for (let now = 0; now < 60_000; now += 1_000) pace.refused(now);
    expect(pace.perSecond(null)).toBe(0.5);
    for (let i = 0; i < 1_000; i++) pace.delivered(60_000 + i);
    expect(pace.perSecond(null)).toBe(Number.POSITIVE_INFINITY);
  });
});
