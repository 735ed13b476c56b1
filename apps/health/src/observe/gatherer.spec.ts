import { Gatherer } from "./gatherer";

const item = (name: string, bytes = 1) => ({ name, bytes });
const names = (batches: readonly (readonly { name: string }[])[]) =>
  batches.map((batch) => batch.map(({ name }) => name));

/** A gatherer whose batches are written when the test says so. */
function gatherer(options: { records?: number; bytes?: number; settleMs?: number } = {}) {
  const batches: (readonly { name: string; bytes: number }[])[] = [];
  const writes: (() => void)[] = [];
  const it = new Gatherer<{ name: string; bytes: number }>({
    limits: { records: options.records ?? 10, bytes: options.bytes ?? 1_000 },
    settleMs: options.settleMs ?? 0,
    now: Date.now,
    write: (batch) => {
      batches.push(batch);
      return new Promise((resolve) => writes.push(resolve));
    },
  });
  return { it, batches, written: () => writes.shift()?.() };
}

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

test("what comes while a batch is written makes up the next one", async () => {
  const { it, batches, written } = gatherer();
  it.add([item("a")]);
  await jest.advanceTimersByTimeAsync(0);
  it.add([item("b")]);
  it.add([item("c")]);
  await jest.advanceTimersByTimeAsync(100);
  expect(names(batches)).toEqual([["a"]]);
  written();
  await jest.advanceTimersByTimeAsync(0);
  expect(names(batches)).toEqual([["a"], ["b", "c"]]);
});

test("an item waits for others, and no longer than it must", async () => {
  const { it, batches } = gatherer({ settleMs: 100 });
  it.add([item("a")]);
  await jest.advanceTimersByTimeAsync(99);
  it.add([item("b")]);
  expect(batches).toHaveLength(0);
  await jest.advanceTimersByTimeAsync(1);
  expect(names(batches)).toEqual([["a"]]);
});

test("a batch holds no more than its limits, except for one item that is larger by itself", async () => {
  const { it, batches, written } = gatherer({ records: 2, bytes: 10 });
  it.add([item("a"), item("b"), item("c", 11), item("d", 6), item("e", 6)]);
  for (let i = 0; i < 5; i++) {
    await jest.advanceTimersByTimeAsync(0);
    written();
  }
  expect(names(batches)).toEqual([["a", "b"], ["c"], ["d"], ["e"]]);
});

test("draining writes at once what would have waited, and ends when all is written", async () => {
  const { it, batches, written } = gatherer({ settleMs: 60_000 });
  it.add([item("a")]);
  await jest.advanceTimersByTimeAsync(0);
  const drained = jest.fn();
  const draining = it.drain().then(drained);
  await jest.advanceTimersByTimeAsync(0);
  expect(names(batches)).toEqual([["a"]]);
  expect(drained).not.toHaveBeenCalled();
  written();
  await draining;
  expect(drained).toHaveBeenCalled();
});
