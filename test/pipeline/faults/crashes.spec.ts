import { type AppName, Receiver, RunningStack } from "@waggle/testing";
import { slowly, Workload } from "./workload";

jest.setTimeout(300_000);

describe("kill -9", () => {
  let stack: RunningStack;
  let receiver: Receiver;

  beforeAll(async () => {
    [stack, receiver] = await Promise.all([RunningStack.start({ TIME_SCALE: "10" }), Receiver.start()]);
  });
  afterAll(async () => {
    await receiver.close();
    expect(await stack.stop()).toBe(0);
  });

  it.each<AppName>(["router", "dispatcher", "health", "ingest"])(
    "of %s amid 5,000 events loses nothing",
    async (app) => {
      receiver.behaviour = { status: 200 };
      const load = await Workload.create(stack, receiver, { name: app });
      const publishing = load.publish(5_000);
      await load.arrived(500);
      await stack.crash(app);
      await publishing;
      await load.delivered(5_000);
      expect(load.receipts.deliveries).toBe(5_000);
      expect(load.receipts.duplicates).toBeLessThan(1_000);
    },
  );

  it("of the dispatcher in a burst of 20,000 repeats what was in flight, and forks no retry chain", async () => {
    receiver.behaviour = slowly({ delayMs: [0, 40], failures: 1 });
    const load = await Workload.create(stack, receiver, { name: "burst" });
    const publishing = load.publish(20_000);
    await load.arrived(4_000);
    const crashed = stack.crash("dispatcher");
    const unsettled = load.receipts.unsettledAt(Date.now());
    await crashed;
    await publishing;
    expect(await load.delivered(20_000)).toEqual({ delivered: 20_000 });
    expect(load.receipts.duplicates).toBeLessThanOrEqual(unsettled);
    expect(load.receipts.forked).toEqual([]);
    expect(load.afterSuccess(1)).toEqual([]);
  });
});
