import { tierForOutage, tierForWait } from "./parking";

const context = { timeScale: 1, backlog: 1, lifetimeLeftMs: Number.POSITIVE_INFINITY, parks: 5 };
/** So many that they may not all circulate. */
const crowd = { ...context, backlog: 1_000_000 };

describe("where a delivery is parked", () => {
  it.each([
    [6_000, "5s"],
    [37_000, "5s"],
    [38_000, "30s"],
    [150_000, "2m"],
    [760_000, "10m"],
    [4_600_000, "1h"],
    [30_000_000, "6h"],
  ] as const)("a wait of %i ms means the longest tier that ends before it: %s", (waitMs, tier) => {
    expect(tierForWait(waitMs, crowd)).toBe(tier);
  });

  it("is no longer away than it takes to keep few circulating, because the webhook may get faster", () => {
    expect(tierForWait(30_000_000, { ...context, backlog: 100 })).toBe("5s");
    expect(tierForWait(30_000_000, { ...context, backlog: 1_200 })).toBe("2m");
    expect(tierForWait(30_000_000, { ...context, backlog: 10_000 })).toBe("10m");
  });

  it("an outage means the next probe, and later the more wait", () => {
    expect(tierForOutage(5_000, context)).toBe("5s");
    expect(tierForOutage(60_000, context)).toBe("2m");
    expect(tierForOutage(5_000, { ...context, backlog: 1_000 })).toBe("2m");
    expect(tierForOutage(5_000, { ...context, backlog: 10_000 })).toBe("10m");
    expect(tierForOutage(5_000, { ...context, backlog: 10_000_000 })).toBe("1h");
  });

  it("is one tier more with every time, whatever was estimated, but not before the next probe", () => {
    const tiers = (place: (parks: number) => string) => [0, 1, 2, 3, 4, 5, 6].map(place);
    expect(tiers((parks) => tierForWait(30_000_000, { ...crowd, parks }))).toEqual([
      "5s",
      "30s",
      "2m",
      "10m",
      "1h",
      "6h",
      "6h",
    ]);
    expect(tiers((parks) => tierForOutage(5_000, { ...crowd, parks }))).toEqual([
      "5s",
      "30s",
      "2m",
      "10m",
      "1h",
      "1h",
      "1h",
    ]);
    expect(tierForOutage(60_000, { ...crowd, parks: 0 })).toBe("2m");
  });

  it("is not beyond the end of its lifetime", () => {
    expect(tierForOutage(60_000, { ...context, lifetimeLeftMs: 31_000 })).toBe("30s");
    expect(tierForWait(30_000_000, { ...crowd, lifetimeLeftMs: 31_000 })).toBe("30s");
  });

  it("is scaled as the tiers are", () => {
    expect(tierForWait(6_000, { ...crowd, timeScale: 600 })).toBe("10m");
  });
});
