import { EndedDeliveries } from "./ended-deliveries";
import type { LoggedId } from "./ports";

function setUp() {
  const state = { now: 0, ended: new Set<string>(), asked: [] as number[], failing: false, stopping: false };
  const ended = new EndedDeliveries({
    ends: {
      among: async (deliveries: readonly LoggedId[]) => {
        state.asked.push(deliveries.length);
        if (state.failing) throw new Error("away");
        return new Set(deliveries.map(({ delivery_id }) => delivery_id).filter((id) => state.ended.has(id)));
      },
    },
    now: () => state.now,
    pause: async (ms) => {
      state.now += ms;
      await new Promise((resolve) => setImmediate(resolve));
    },
    isStopping: () => state.stopping,
  });
  return { state, ended };
}

const delivery = (id: string) => ({ delivery_id: id, accepted_at: 0 });

test("resolves when the delivery has ended, and asks no more then", async () => {
  const { state, ended } = setUp();
  const waited = ended.wait(delivery("dlv_1"), 10_000);
  state.ended.add("dlv_1");
  await waited;
  const questions = state.asked.length;
  expect(state.now).toBeLessThan(10_000);
  await new Promise((resolve) => setImmediate(resolve));
  expect(state.asked).toHaveLength(questions);
});

test("resolves when the time is over, also while the log cannot be asked", async () => {
  const { state, ended } = setUp();
  state.failing = true;
  await ended.wait(delivery("dlv_1"), 1_000);
  expect(state.now).toBeGreaterThanOrEqual(1_000);
});

test("asks one question about all who wait", async () => {
  const { state, ended } = setUp();
  await Promise.all(Array.from({ length: 50 }, (_, index) => ended.wait(delivery(`dlv_${index}`), 300)));
  expect(Math.max(...state.asked)).toBeGreaterThanOrEqual(49);
  expect(state.asked.length).toBeLessThanOrEqual(4);
});

test("whoever comes on top of 1,000 does not wait", async () => {
  const { state, ended } = setUp();
  const waiting = Array.from({ length: 1_000 }, (_, index) => ended.wait(delivery(`dlv_${index}`), 300));
  await ended.wait(delivery("dlv_one_more"), 300);
  expect(state.now).toBeLessThan(300);
  await Promise.all(waiting);
});

test("nobody waits for a process that stops", async () => {
  const { state, ended } = setUp();
  state.stopping = true;
  await ended.wait(delivery("dlv_1"), 10_000);
  expect(state.now).toBe(0);
});
