import { Cadence } from "./cadence";

const options = { leastMs: 5, mostMs: 20 };

test("the first request waits for nothing, the next until the least has passed", () => {
  const cadence = new Cadence(options);
  expect(cadence.waitMs(1_000)).toBe(0);
  cadence.begin(1_000);
  expect([1_000, 1_003, 1_005, 1_900].map((now) => cadence.waitMs(now))).toEqual([5, 2, 0, 0]);
});

test.each([
  [0, 5],
  [5, 5],
  [6, 6],
  [20, 20],
  [2_000, 20],
])("after a request that carried %i records the next waits %i ms", (records, ms) => {
  const cadence = new Cadence(options);
  cadence.begin(1_000);
  cadence.carried(records);
  expect(cadence.waitMs(1_000)).toBe(ms);
});

test("each record may add less than a millisecond", () => {
  const cadence = new Cadence({ ...options, msPerRecord: 1 / 8 });
  cadence.carried(96);
  cadence.begin(1_000);
  expect(cadence.waitMs(1_000)).toBe(12);
});

test("it falls back when there is little to carry again", () => {
  const cadence = new Cadence(options);
  cadence.carried(100);
  cadence.carried(1);
  cadence.begin(1_000);
  expect(cadence.waitMs(1_000)).toBe(5);
});
