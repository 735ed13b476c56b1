import { KeyUses } from "./key-uses";
import { type KeyUse, KeyUseStore } from "./ports";

const MINUTE_MS = 60_000;

function setUp() {
  const written: (readonly KeyUse[])[] = [];
  const state = { now: 1_000_000, away: false, whileWriting: () => {} };
  class Store extends KeyUseStore {
    async recordUses(uses: readonly KeyUse[]) {
      state.whileWriting();
      if (state.away) throw new Error("away");
      written.push(uses);
    }
  }
  return { uses: new KeyUses({ uses: new Store(), now: () => state.now }), written, state };
}

test("the last of many uses is stored, in whatever order they were noted", async () => {
  const { uses, written } = setUp();
  uses.note("key_1", 20);
  uses.note("key_1", 30);
  uses.note("key_1", 10);
  uses.note("key_2", 5);
  await uses.store();
  expect(written).toEqual([
    [
      { key_id: "key_1", last_used_at: 30 },
      { key_id: "key_2", last_used_at: 5 },
    ],
  ]);
});

test("nothing is written when no key was used", async () => {
  const { uses, written } = setUp();
  await uses.store();
  expect(written).toEqual([]);
});

test("a key in use all the time is written once a minute, and then with its last use", async () => {
  const { uses, written, state } = setUp();
  for (let second = 0; second < 150; second++) {
    state.now += 1_000;
    uses.note("key_1", state.now);
    await uses.store();
  }
  expect(written).toHaveLength(3);
  expect(written[2]?.[0]?.last_used_at).toBe((written[0]?.[0]?.last_used_at ?? 0) + 2 * MINUTE_MS);
});

test("what could not be stored is stored the next time", async () => {
  const { uses, written, state } = setUp();
  state.away = true;
  uses.note("key_1", 10);
  await expect(uses.store()).rejects.toThrow("away");
  state.away = false;
  await uses.store();
  expect(written).toEqual([[{ key_id: "key_1", last_used_at: 10 }]]);
});

test("a use that is noted while others are written is not lost", async () => {
  const { uses, written, state } = setUp();
  uses.note("key_1", 10);
  state.whileWriting = () => uses.note("key_1", 20);
  await uses.store();
  state.whileWriting = () => {};
  state.now += MINUTE_MS;
  await uses.store();
  expect(written.flat().map(({ last_used_at }) => last_used_at)).toEqual([10, 20]);
});

test("a process that ends stores what it noted within the minute too", async () => {
  const { uses, written } = setUp();
  uses.note("key_1", 10);
  await uses.store();
  uses.note("key_1", 20);
  await uses.storeAll();
  expect(written.flat().map(({ last_used_at }) => last_used_at)).toEqual([10, 20]);
});
