import { anAttemptRecord } from "./an-attempt-record.fake";
import { liveAttempt } from "./live-attempt";
import { Watch } from "./watch";

function attempt(try_id: string, overrides: Parameters<typeof anAttemptRecord>[0] = {}) {
  return liveAttempt(anAttemptRecord({ try_id, ...overrides }));
}

function kept(happened: Awaited<ReturnType<Watch["next"]>>): (string | number)[] {
  return happened.map((it) => (it.kind === "attempt" ? it.attempt.try_id : it.count));
}

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

test("what happened is handed over once, in its order", async () => {
  const watch = new Watch(() => {});
  watch.push(attempt("a"));
  watch.push(attempt("b"));
  expect(kept(await watch.next(1_000))).toEqual(["a", "b"]);
  const next = watch.next(1_000);
  watch.push(attempt("c"));
  expect(kept(await next)).toEqual(["c"]);
});

test("who waits for nothing is told so in time", async () => {
  const watch = new Watch(() => {});
  const next = watch.next(15_000);
  await jest.advanceTimersByTimeAsync(15_000);
  expect(await next).toEqual([]);
  expect(watch.ended).toBeNull();
});

test("of what is not taken in time so much is kept, the rest is counted, and then it goes on", async () => {
  const watch = new Watch(() => {});
  for (let i = 0; i < 1_500; i++) watch.push(attempt(`try_${i}`));
  const happened = kept(await watch.next(0));
  expect(happened).toHaveLength(1_001);
  expect(happened.slice(-2)).toEqual(["try_999", 500]);
  watch.push(attempt("after"));
  expect(kept(await watch.next(0))).toEqual(["after"]);
});

test("long texts of publishers fill it sooner, and nothing slips in behind what was dropped", async () => {
  const watch = new Watch(() => {});
  const long = { email_id: "x".repeat(400_000) };
  for (const id of ["a", "b", "c"]) watch.push(attempt(id, long));
  watch.push(attempt("short"));
  expect(kept(await watch.next(0))).toEqual(["a", "b", 2]);
});

test("an end wakes who waits, is said once, and the first reason stands", async () => {
  const onEnd = jest.fn();
  const watch = new Watch(onEnd);
  watch.push(attempt("a"));
  await watch.next(0);
  const next = watch.next(60_000);
  watch.end("unauthorized");
  watch.end("stopping");
  expect(await next).toEqual([]);
  expect([watch.ended, watch.signal.aborted]).toEqual(["unauthorized", true]);
  expect(onEnd).toHaveBeenCalledTimes(1);
});
