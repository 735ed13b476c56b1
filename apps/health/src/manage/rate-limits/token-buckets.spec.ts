import fc from "fast-check";
import { TokenBuckets } from "./token-buckets";

const MANY = 1_000;
const limit = { perSecond: 100, burst: 500 };

/** How many of `count` asked for at once are granted. */
function granted(buckets: TokenBuckets, name: string, { now, count }: { now: number; count: number }): number {
  return Array.from({ length: count }, () => buckets.take(name, now)).filter((allowance) => allowance.granted).length;
}

it("grants a burst at once, then as many a second as are refilled", () => {
  const buckets = new TokenBuckets(limit, MANY);
  expect(granted(buckets, "key", { now: 0, count: 501 })).toBe(500);
  expect(granted(buckets, "key", { now: 9, count: 1 })).toBe(0);
  expect(granted(buckets, "key", { now: 10, count: 2 })).toBe(1);
  expect(granted(buckets, "key", { now: 1_010, count: 101 })).toBe(100);
  expect(granted(buckets, "key", { now: 100_000, count: 501 })).toBe(500);
});

it("tells what is left and when there is more", () => {
  const buckets = new TokenBuckets({ perSecond: 1, burst: 2 }, MANY);
  expect(buckets.look("key", 0)).toEqual({ granted: true, remaining: 2, resetS: 0 });
  expect(buckets.take("key", 0)).toEqual({ granted: true, remaining: 1, resetS: 1 });
  expect(buckets.take("key", 0)).toEqual({ granted: true, remaining: 0, resetS: 2 });
  expect(buckets.take("key", 100)).toEqual({ granted: false, remaining: 0, resetS: 1 });
  expect(buckets.look("key", 1_000)).toEqual({ granted: true, remaining: 1, resetS: 1 });
});

it("has a bucket for each name", () => {
  const buckets = new TokenBuckets({ perSecond: 1, burst: 1 }, MANY);
  expect(["a", "b", "a"].map((name) => buckets.take(name, 0).granted)).toEqual([true, true, false]);
});

it("keeps no bucket that is full, and no more than it may", () => {
  const buckets = new TokenBuckets({ perSecond: 1, burst: 5 }, 10);
  for (let i = 0; i < 100; i++) buckets.take(`name ${i}`, 0);
  expect(buckets.size).toBe(10);
  buckets.take("later", 5_000);
  expect(buckets.size).toBe(1);
});

it("never grants more than burst + rate × time in any span, and never refuses who stays below", () => {
  const rates = fc.record({ perSecond: fc.integer({ min: 1, max: 700 }), burst: fc.integer({ min: 1, max: 50 }) });
  const waits = fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 300 });
  fc.assert(
    fc.property(rates, waits, ({ perSecond, burst }, gaps) => {
      const buckets = new TokenBuckets({ perSecond, burst }, MANY);
      const times: number[] = [];
      let now = 0;
      for (const gap of gaps) {
        now += gap;
        if (buckets.take("key", now).granted) times.push(now);
      }
      for (const [first, from] of times.entries()) {
        for (const [last, to] of times.entries()) {
          if (last < first) continue;
          expect(last - first + 1).toBeLessThanOrEqual(burst + ((to - from) * perSecond) / 1_000 + 1e-3);
        }
      }
      const patient = new TokenBuckets({ perSecond, burst }, MANY);
      for (let i = 0; i < 200; i++) expect(patient.take("key", (i * 1_000) / perSecond).granted).toBe(true);
    }),
    { numRuns: 50 },
  );
});
