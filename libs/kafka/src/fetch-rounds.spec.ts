import { FetchRounds } from "./fetch-rounds";

let now = 1_000;
const every = { leastMs: 5, mostMs: 20 };
const rounds = () =>
  new FetchRounds({ every, seldom: { topics: ["retry.5s", "retry.1h"], everyMs: 500 } }, 100, () => now);

beforeEach(() => {
  now = 1_000;
});

test("a broker is asked at once, and again only a little later", () => {
  const it = rounds();
  expect(it.waitMs("1")).toBe(0);
  it.begin("1");
  expect(it.waitMs("1")).toBe(5);
  now += 3;
  expect(it.waitMs("1")).toBe(2);
  now += 40;
  expect(it.waitMs("1")).toBe(0);
});

test("much that was brought makes the next wait longer", () => {
  const it = rounds();
  it.begin("1");
  it.brought("1", [{ topic: "deliveries", records: 12, isAll: true }]);
  expect(it.waitMs("1")).toBe(12);
});

test("what did not fit is asked for at once, until all is there", () => {
  const it = rounds();
  it.begin("1");
  it.brought("1", [
    { topic: "deliveries", records: 12, isAll: false },
    { topic: "deliveries", records: 3, isAll: true },
  ]);
  expect(it.waitMs("1")).toBe(0);
  it.begin("1");
  it.brought("1", [{ topic: "deliveries", records: 0, isAll: true }]);
  expect(it.waitMs("1")).toBe(5);
});

test("much that was brought of what is asked for seldom does not: it says nothing of what is coming otherwise", () => {
  const it = rounds();
  it.begin("1");
  it.brought("1", [
    { topic: "retry.5s", records: 400, isAll: true },
    { topic: "deliveries", records: 7, isAll: true },
  ]);
  expect(it.waitMs("1")).toBe(7);
});

test("brokers do not wait for each other", () => {
  const it = rounds();
  it.begin("1");
  expect(it.waitMs("2")).toBe(0);
});

test("the first request is for all topics, then each that may wait until 500 ms later", () => {
  const it = rounds();
  const asked = () => {
    it.begin("1");
    return [it.asksFor("1", "deliveries"), it.asksFor("1", "retry.5s"), it.asksFor("1", "retry.1h")];
  };
  expect(asked()).toEqual([true, true, true]);
  now += 400;
  expect(asked()).toEqual([true, false, false]);
  now += 1;
  expect(asked()).toEqual([true, true, true]);
});

test("all are asked for again at once when one asked for seldom has more, or room", () => {
  const it = rounds();
  const asksAll = () => {
    it.begin("1");
    return it.asksFor("1", "retry.5s");
  };
  expect([asksAll(), asksAll()]).toEqual([true, false]);
  it.brought("1", [{ topic: "deliveries", records: 9, isAll: false }]);
  expect(asksAll()).toBe(false);
  it.brought("1", [{ topic: "retry.1h", records: 9, isAll: false }]);
  expect([asksAll(), asksAll()]).toEqual([true, false]);
  it.brought("1", [{ topic: "retry.1h", records: 9, isAll: true }]);
  expect(asksAll()).toBe(false);
  it.askForAll();
  expect([asksAll(), asksAll()]).toEqual([true, false]);
});
