import { FinishedThrough } from "./finished-through";
import { partitionOfKey } from "./key-partitioner";
import { PartitionWork } from "./partition-work";

const TOPIC = "webhook.attempts";
const KEY = "wh_1";

/** A topic of two partitions of which this process owns the one of `KEY`, from its beginning. */
function setUp() {
  const partition = partitionOfKey(KEY, 2);
  const state = { time: 1_000, ends: [0, 0], assigned: [new PartitionWork(TOPIC, partition, 0, new Set(), () => {})] };
  const finished = new FinishedThrough({
    lookup: {
      fetchTopicOffsets: async () =>
        state.ends.map((high, index) => ({ partition: index, offset: "0", low: "0", high: String(high) })),
    },
    topic: TOPIC,
    assigned: () => state.assigned,
    now: () => state.time,
  });
  const [work] = state.assigned;
  if (!work) throw new Error("nothing is owned");
  return { state, finished, work, write: (end: number) => (state.ends[partition] = end) };
}

test("nothing is known before Kafka was asked, nor of what others own", async () => {
  const { finished, state } = setUp();
  expect(finished.of(KEY)).toBeNull();
  await finished.refresh();
  expect(finished.of(KEY)).toBe(1_000);
  state.assigned = [];
  expect(finished.of(KEY)).toBeNull();
});

test("a partition read to its end advances with the clock", async () => {
  const { finished, state } = setUp();
  await finished.refresh();
  state.time = 2_000;
  expect(finished.of(KEY)).toBe(1_000);
  await finished.refresh();
  expect(finished.of(KEY)).toBe(2_000);
});

test("a partition that is behind stands still until it reaches the end of that time", async () => {
  const { finished, state, work, write } = setUp();
  await finished.refresh();
  write(5);
  state.time = 2_000;
  await finished.refresh();
  expect(finished.of(KEY)).toBe(1_000);
  write(9);
  state.time = 3_000;
  await finished.refresh();
  expect(finished.of(KEY)).toBe(1_000);
  work.skipTo(5);
  expect(finished.of(KEY)).toBe(2_000);
  await finished.refresh();
  expect(finished.of(KEY)).toBe(2_000);
  work.skipTo(9);
  expect(finished.of(KEY)).toBe(3_000);
});

test("a partition that comes back to this process is unknown until Kafka was asked again", async () => {
  const { finished, state, work } = setUp();
  await finished.refresh();
  state.assigned = [new PartitionWork(TOPIC, work.partition, 0, new Set(), () => {})];
  expect(finished.of(KEY)).toBeNull();
  await finished.refresh();
  expect(finished.of(KEY)).toBe(1_000);
});
