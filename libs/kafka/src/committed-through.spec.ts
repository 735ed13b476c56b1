import { CommittedThrough } from "./committed-through";

function setUp() {
  const state = { now: 1_000, ends: [10, 5], committed: [0, 0], low: 0 };
  const lookup = {
    fetchTopicOffsets: async () =>
      state.ends.map((high, partition) => ({
        partition,
        offset: String(high),
        high: String(high),
        low: String(state.low),
      })),
    fetchOffsets: async ({ topics = [] }: { topics?: string[] }) => [
      {
        topic: topics[0] ?? "",
        partitions: state.committed.map((offset, partition) => ({ partition, offset: String(offset), metadata: null })),
      },
    ],
  };
  const committed = new CommittedThrough({ lookup, reads: [{ groupId: "log", topic: "t" }], now: () => state.now });
  return { state, committed };
}

test("nothing is known before what had been written when it was first asked is committed", async () => {
  const { state, committed } = setUp();
  expect(await committed.refresh()).toBeNull();
  state.committed = [10, 4];
  expect(await committed.refresh()).toBeNull();
  state.now = 2_000;
  state.committed = [10, 5];
  expect(await committed.refresh()).toBe(1_000);
  expect(await committed.refresh()).toBe(2_000);
});

test("records that keep coming do not keep a time from being reached", async () => {
  const { state, committed } = setUp();
  await committed.refresh();
  for (let i = 1; i <= 5; i++) {
    state.now += 1_000;
    state.ends = [10 + i * 100, 5];
    state.committed = [i * 100 - 50, 5];
    await committed.refresh();
  }
  // The mark of the third second, 210, was reached in the fifth at the latest.
  expect(await committed.refresh()).toBeGreaterThanOrEqual(3_000);
});

test("a partition that falls behind holds the time where it was", async () => {
  const { state, committed } = setUp();
  state.committed = [10, 5];
  expect(await committed.refresh()).toBe(1_000);
  state.now = 2_000;
  state.ends = [10, 6];
  expect(await committed.refresh()).toBe(1_000);
  state.now = 3_000;
  state.committed = [10, 6];
  expect(await committed.refresh()).toBe(2_000);
});

test("a partition that holds nothing is waited for by nobody", async () => {
  const { state, committed } = setUp();
  state.ends = [10, 0];
  state.committed = [10, -1];
  expect(await committed.refresh()).toBe(1_000);
});
