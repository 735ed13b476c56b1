import { Pace } from "./pace";

const SECOND = 1_000;

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

/** Answers that come evenly, so many a second, from `from` on. */
function delivered(
  pace: Pace,
  { from, seconds, perSecond }: { from: number; seconds: number; perSecond: number },
): Pace {
  for (let i = 0; i < seconds * perSecond; i++) pace.delivered(from + (i * SECOND) / perSecond);
  return pace;
}

/** A pace after ten seconds in which a receiver took so many a second, and one refusal. */
function limitedTo(perSecond: number, now: number): Pace {
  const pace = delivered(new Pace(), { from: now - 10 * SECOND, seconds: 10, perSecond });
  pace.refused(429, now);
  return pace;
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
    const learned = limitedTo(2, 20_000).perSecond(null);
    expect(learned).toBeGreaterThan(1.5);
    expect(learned).toBeLessThan(2.1);
  });

  it("never learns less than one attempt in two seconds", () => {
    const pace = new Pace();
    for (let now = 0; now < 60_000; now += SECOND) pace.refused(429, now);
    expect(pace.perSecond(null)).toBe(0.5);
  });

  it("tolerates a few refusals of many, however many came before", () => {
    const pace = delivered(new Pace(), { from: 0, seconds: 600, perSecond: 100 });
    for (let i = 0; i < 12; i++) pace.refused(429, 600_000 + i * 10);
    expect(pace.perSecond(null)).toBe(Number.POSITIVE_INFINITY);
    for (let i = 0; i < 10; i++) pace.refused(429, 600_200 + i * 10);
    expect(pace.perSecond(null)).toBeLessThan(130);
  });

  it("takes 503 for a matter of rate only when most answers are", () => {
    const unreliable = new Pace();
    for (let i = 0; i < 1_000; i++) {
      if (i % 5 === 0) unreliable.refused(503, i * 20);
      else unreliable.delivered(i * 20);
    }
    expect(unreliable.perSecond(null)).toBe(Number.POSITIVE_INFINITY);
    const limiting = new Pace();
    for (let i = 0; i < 1_000; i++) {
      if (i % 10 === 0) limiting.delivered(i * 20);
      else limiting.refused(503, i * 20);
    }
    expect(limiting.perSecond(null)).toBeLessThan(10);
  });

  it("acts on the refusals of one second once", () => {
    const pace = limitedTo(2, 20_000);
    const learned = pace.perSecond(null);
    for (let i = 0; i < 50; i++) pace.refused(429, 20_010 + i);
    expect(pace.perSecond(null)).toBe(learned);
    pace.refused(429, 21_100);
    expect(pace.perSecond(null)).toBeLessThan(learned);
  });

  it("does not count refusals again that it acted upon", () => {
    const pace = delivered(new Pace(), { from: 0, seconds: 5, perSecond: 100 });
    for (let i = 0; i < 20; i++) pace.refused(429, 5_000 + i);
    const learned = pace.perSecond(null);
    expect(learned).toBeLessThan(130);
    pace.refused(429, 6_500);
    expect(pace.perSecond(null)).toBe(learned);
  });

  it("falls to what is taken now when the receiver takes much less than before", () => {
    const pace = delivered(new Pace(), { from: 0, seconds: 10, perSecond: 50 });
    for (let i = 0; i < 200; i++) pace.refused(429, 10_000 + i * 50);
    expect(pace.perSecond(null)).toBe(0.5);
  });

  it("climbs back slowly to where it was refused, and fast after a calm while", () => {
    const pace = limitedTo(2, 20_000);
    const learned = pace.perSecond(null);
    delivered(pace, { from: 21_000, seconds: 10, perSecond: 2 });
    expect(pace.perSecond(null)).toBeLessThan(learned * 1.12);
    delivered(pace, { from: 31_000, seconds: 80, perSecond: 2 });
    expect(pace.perSecond(null)).toBe(Number.POSITIVE_INFINITY);
  });

  it("takes no pause for success: one delivery after a long time changes little", () => {
    const pace = limitedTo(2, 20_000);
    const learned = pace.perSecond(null);
    pace.delivered(3_600_000);
    expect(pace.perSecond(null)).toBeLessThan(learned * 1.25);
  });

  it("forgets what it learned when the receiver may be another one, but not max_per_second", () => {
    const pace = limitedTo(2, 20_000);
    pace.restart();
    expect(pace.perSecond(null)).toBe(Number.POSITIVE_INFINITY);
    expect(pace.perSecond(7)).toBe(7);
  });
});
