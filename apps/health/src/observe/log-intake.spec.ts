import { WaggleError } from "@waggle/domain";
import { dayOf, LogDays } from "./log-days";
import { LogIntake, type LogItem } from "./log-intake";
import { DeadLetters, DeliveryLog, type LogTransaction } from "./ports";

const NOW = Date.UTC(2026, 3, 17, 12);
const DAY_MS = 86_400_000;
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

interface Entry {
  readonly identity: { readonly accepted_at: number };
  readonly name: string;
}

/** An intake over a store that refuses or fails as the test says, and everything that came of what it took. */
function setUp(
  options: {
    refuses?: (names: string[]) => boolean;
    fails?: () => Error | null;
    hangs?: boolean;
    tooSlow?: (names: string[]) => boolean;
    followUp?: (entries: readonly Entry[]) => Promise<void>;
    passedBy?: (entries: readonly Entry[]) => Promise<void>;
  } = {},
) {
  const stored: string[] = [];
  const done: string[] = [];
  const dead: string[] = [];
  const made: number[] = [];
  class Log extends DeliveryLog {
    async transaction(work: (log: LogTransaction) => Promise<void>) {
      const failure = options.fails?.();
      if (failure) throw failure;
      if (options.hangs) await new Promise(() => {});
      await work(none);
    }
    async makeDays(days: readonly number[]) {
      made.push(...days);
    }
    async dropDaysBefore() {
      return [];
    }
    async dropStatisticsBefore() {}
  }
  class Letters extends DeadLetters {
    async put(record: { offset: number }, error: { code: string; field: string }) {
      dead.push(`${record.offset} ${error.code} ${error.field}`);
    }
  }
  const log = new Log();
  const intake = new LogIntake<Entry>({
    log,
    days: new LogDays({ log, retentionDays: 30, now: () => NOW, logger: silent }),
    deadLetters: new Letters(),
    logger: silent,
    now: Date.now,
    settleMs: 0,
    store: async (_log, entries) => {
      const names = entries.map(({ name }) => name);
      if (options.tooSlow?.(names)) throw new WaggleError("store_too_slow", "too long");
      if (options.refuses?.(names)) throw new WaggleError("unstorable", "SQLSTATE 22021");
      stored.push(...names);
    },
    ...(options.followUp ? { followUp: options.followUp } : {}),
    ...(options.passedBy ? { passedBy: options.passedBy } : {}),
  });
  const item = (name: string, at: { accepted_at?: number; owned?: boolean; offset?: number } = {}): LogItem<Entry> => ({
    entry: { name, identity: { accepted_at: at.accepted_at ?? NOW } },
    record: {
      topic: "webhook.attempts",
      partition: 0,
      offset: at.offset ?? 0,
      key: null,
      value: null,
      headers: {},
      bytes: 1,
      owned: at.owned ?? true,
      done: () => done.push(name),
    },
  });
  return { intake, item, stored, done, dead, made };
}

const none: LogTransaction = {
  insertAttempts: async () => new Set(),
  claimRows: async () => new Map(),
  mergeDeliveries: async () => undefined,
  insertBodies: async () => undefined,
  insertEvents: async () => undefined,
  insertMessages: async () => undefined,
  addMinutes: async () => undefined,
  mergeStates: async () => undefined,
};

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

test("records are done once they are stored", async () => {
  const { intake, item, stored, done } = setUp();
  intake.take([item("a"), item("b")]);
  await intake.drain(1_000);
  expect([stored, done]).toEqual([
    ["a", "b"],
    ["a", "b"],
  ]);
});

test("one record that is refused goes to the dead letters, all others are stored", async () => {
  const { intake, item, stored, done, dead } = setUp({ refuses: (names) => names.includes("bad") });
  const items = Array.from({ length: 20 }, (_, index) =>
    item(index === 13 ? "bad" : `good ${index}`, { offset: index }),
  );
  intake.take(items);
  await intake.drain(1_000);
  expect(stored).toHaveLength(19);
  expect(dead).toEqual(["13 unprocessable value"]);
  expect(done).toHaveLength(20);
});

test("a batch that takes too long time and again is stored in parts, and nothing is refused for it", async () => {
  let tries = 0;
  const { intake, item, stored, done, dead } = setUp({
    tooSlow: (names) => {
      tries += 1;
      return names.length > 2;
    },
  });
  intake.take(["a", "b", "c", "d"].map((name) => item(name)));
  await jest.advanceTimersByTimeAsync(60_000);
  expect([stored, done, dead]).toEqual([["a", "b", "c", "d"], ["a", "b", "c", "d"], []]);
  expect(tries).toBe(3 + 2);
});

test("a single record that takes too long is tried for ever", async () => {
  let slow = true;
  const { intake, item, stored, dead } = setUp({ tooSlow: () => slow });
  intake.take([item("a")]);
  await jest.advanceTimersByTimeAsync(600_000);
  expect([stored, dead]).toEqual([[], []]);
  slow = false;
  await jest.advanceTimersByTimeAsync(5_000);
  expect(stored).toEqual(["a"]);
});

test("a store that is away is asked again until it is back, and nothing is done before", async () => {
  let away = true;
  const { intake, item, stored, done } = setUp({
    fails: () => (away ? new WaggleError("database_unavailable", "away") : null),
  });
  intake.take([item("a")]);
  await jest.advanceTimersByTimeAsync(600_000);
  expect([stored, done]).toEqual([[], []]);
  away = false;
  await jest.advanceTimersByTimeAsync(5_000);
  expect([stored, done]).toEqual([["a"], ["a"]]);
});

test("records are done only after what follows from them, and all of it is tried again when that fails", async () => {
  let away = true;
  const followed: string[] = [];
  const { intake, item, stored, done } = setUp({
    followUp: async (entries) => {
      followed.push(...entries.map(({ name }) => `${name} of ${stored.length} stored`));
      if (away) throw new WaggleError("database_unavailable", "away");
    },
  });
  intake.take([item("a")]);
  await jest.advanceTimersByTimeAsync(50);
  expect([followed, done]).toEqual([["a of 1 stored"], []]);
  away = false;
  await jest.advanceTimersByTimeAsync(5_000);
  expect([followed, done]).toEqual([["a of 1 stored", "a of 2 stored"], ["a"]]);
});

test("nothing follows from what was not stored", async () => {
  const followed: string[] = [];
  const { intake, item } = setUp({
    refuses: (names) => names.includes("bad"),
    followUp: async (entries) => void followed.push(...entries.map(({ name }) => name)),
  });
  intake.take([item("a"), item("bad"), item("old", { accepted_at: NOW - 40 * DAY_MS })]);
  await intake.drain(1_000);
  expect(followed).toEqual(["a"]);
});

test("a failure of no known kind blames no record", async () => {
  let failures = 3;
  const { intake, item, stored, dead } = setUp({ fails: () => (failures-- > 0 ? new Error("who knows") : null) });
  intake.take([item("a")]);
  await jest.advanceTimersByTimeAsync(5_000);
  expect([stored, dead]).toEqual([["a"], []]);
});

test("draining gives up on a store that stays away, and leaves its records undone", async () => {
  const { intake, item, done } = setUp({ fails: () => new WaggleError("database_unavailable", "away") });
  intake.take([item("a")]);
  const draining = intake.drain(10_000);
  await jest.advanceTimersByTimeAsync(10_000);
  await draining;
  expect(done).toEqual([]);
});

test("draining does not wait for a store that hangs", async () => {
  const { intake, item, done } = setUp({ hangs: true });
  intake.take([item("a")]);
  const draining = intake.drain(10_000);
  await jest.advanceTimersByTimeAsync(10_000);
  await draining;
  expect(done).toEqual([]);
});

test("a record older than all that is kept is done without being stored, one from a day to come is a dead letter; both are acted on", async () => {
  let away = true;
  const passed: string[] = [];
  const { intake, item, stored, done, dead, made } = setUp({
    passedBy: async (entries) => {
      away = !away;
      if (!away) throw new WaggleError("database_unavailable", "away");
      passed.push(...entries.map(({ name }) => name));
    },
  });
  intake.take([
    item("last day kept", { accepted_at: NOW - 39 * DAY_MS }),
    item("too old", { accepted_at: NOW - 40 * DAY_MS }),
    item("clock ahead", { accepted_at: NOW + 3 * DAY_MS }),
    item("not yet", { accepted_at: NOW + 4 * DAY_MS, offset: 7 }),
  ]);
  const drained = intake.drain(1_000);
  await jest.advanceTimersByTimeAsync(500);
  await drained;
  expect(passed).toEqual(["too old", "not yet"]);
  expect(stored).toEqual(["last day kept", "clock ahead"]);
  expect(dead).toEqual(["7 unprocessable accepted_at"]);
  expect(done.sort()).toEqual(["clock ahead", "last day kept", "not yet", "too old"]);
  expect(made).toEqual([dayOf(NOW) - 39, dayOf(NOW) + 3]);
});

test("a record whose partition somebody else has now is dropped", async () => {
  const { intake, item, stored, done } = setUp();
  intake.take([item("theirs", { owned: false }), item("ours")]);
  await intake.drain(1_000);
  expect([stored, done]).toEqual([["ours"], ["ours"]]);
});

test("a batch that failed looks again which days there are", async () => {
  let failures = 1;
  const { intake, item, made } = setUp({
    fails: () => (failures-- > 0 ? new WaggleError("store_failed", "SQLSTATE 23514") : null),
  });
  intake.take([item("a")]);
  await jest.advanceTimersByTimeAsync(1_000);
  expect(made).toEqual([dayOf(NOW), dayOf(NOW)]);
});
