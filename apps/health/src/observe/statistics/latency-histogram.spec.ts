import fc from "fast-check";
import { latencyHistogram, latencyPercentile } from "./latency-histogram";

test("without attempts there is no latency", () => {
  expect(latencyPercentile(latencyHistogram([]), 0.5)).toBeNull();
  expect(latencyPercentile([0, 0], 0.5)).toBeNull();
});

test("a percentile is at most a fifth, or a millisecond, off the one of the durations themselves", () => {
  const durations = fc.array(fc.integer({ min: 0, max: 35_000 }), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(durations, fc.constantFrom(0.5, 0.95), (all, share) => {
      const sorted = [...all].sort((a, b) => a - b);
      const exact = sorted[Math.ceil(all.length * share) - 1] ?? Number.NaN;
      const read = latencyPercentile(latencyHistogram(all), share) ?? Number.NaN;
      expect(read).toBeGreaterThanOrEqual(Math.floor(exact / 1.2) - 1);
      expect(read).toBeLessThanOrEqual(Math.ceil(exact * 1.2) + 1);
    }),
  );
});

test("whatever took longer than an attempt can take is counted with the longest", () => {
  const longest = latencyHistogram([40_000]);
  expect(latencyHistogram([10_000_000])).toEqual(longest);
  expect(longest.reduce((sum, count) => sum + count, 0)).toBe(1);
});
