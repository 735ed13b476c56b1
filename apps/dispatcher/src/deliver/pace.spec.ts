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

  it("never learns less than one attempt in two seconds", () => {
    const pace = new Pace();
    for (let now = 0; now < 60_000; now += 1_000) pace.refused(now);
    expect(pace.perSecond(null)).toBe(0.5);
  });

  it("goes back to where it was refused within seconds, and beyond only after a calm while", () => {
    const pace = limitedTo(2, 20_000);
    const learned = pace.perSecond(null);
    expect(deliveredOver(pace, 21_000, 10).perSecond(null)).toBeLessThan(learned * 1.12);
    expect(deliveredOver(pace, 31_000, 50).perSecond(null)).toBe(Number.POSITIVE_INFINITY);
  });

  it("counts refusals of one second once", () => {
    const pace = limitedTo(2, 20_000);
    const learned = pace.perSecond(null);
    for (let i = 0; i < 50; i++) pace.refused(20_010 + i);
    expect(pace.perSecond(null)).toBe(learned);
  });

  it("takes no pause for success: one delivery after a long time changes little", () => {
    const pace = limitedTo(2, 20_000);
    const learned = pace.perSecond(null);
    pace.delivered(3_600_000);
    expect(pace.perSecond(null)).toBeLessThan(learned * 1.5);
  });

  it("forgets all that when the receiver may be another one, but not max_per_second", () => {
    const pace = limitedTo(2, 20_000);
    pace.restart();
    expect(pace.perSecond(null)).toBe(Number.POSITIVE_INFINITY);
    expect(pace.perSecond(7)).toBe(7);
  });
});

/** A pace after ten seconds in which a receiver took so many a second, and one refusal. */
function limitedTo(perSecond: number, now: number): Pace {
  const pace = new Pace();
  for (let at = now - 10_000; at < now; at += 1_000 / perSecond) pace.delivered(at);
  pace.refused(now);
  return pace;
}

function deliveredOver(pace: Pace, from: number, seconds: number): Pace {
  for (let at = from; at < from + seconds * 1_000; at += 100) pace.delivered(at);
  return pace;
}
