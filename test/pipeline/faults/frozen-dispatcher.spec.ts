import { ConsumerGroups, eventually, Receiver, RunningStack } from "@waggle/testing";
import { OffsetWatch } from "./offset-watch";
import { slowly, Workload } from "./workload";

jest.setTimeout(240_000);

const EVENTS = 3_000;
const LATER = 500;

describe("a dispatcher that is frozen for longer than its session, while another one runs", () => {
  let stack: RunningStack;
  let receiver: Receiver;
  let groups: ConsumerGroups;
  let offsets: OffsetWatch;

  beforeAll(async () => {
    [stack, receiver] = await Promise.all([RunningStack.start({ TIME_SCALE: "10" }), Receiver.start()]);
    groups = await ConsumerGroups.open(stack.ready.kafka_brokers);
    offsets = await OffsetWatch.start(stack.ready.kafka_brokers, "waggle-dispatcher");
  });
  afterAll(async () => {
    await receiver.close();
    await Promise.all([groups.close(), offsets.stop()]);
    expect(await stack.stop()).toBe(0);
  });

  it("repeats nothing but what was in flight, forks no retry chain, and moves nobody's offsets", async () => {
    receiver.behaviour = slowly({ failures: 2 });
    const load = await Workload.create(stack, receiver, { name: "frozen" });
    const frozen = await stack.startDispatcher();
    const publishing = load.publish(EVENTS);
    await load.arrived(EVENTS / 5);
    frozen.freeze();
    const unsettled = load.receipts.unsettledAt(Date.now());
    await publishing;
    // What the frozen one had comes as well, so the other one has taken over.
    await load.arrived(EVENTS);
    frozen.thaw();
    await load.delivered(EVENTS);
    await load.publish(LATER);
    const deliveries = await load.delivered(EVENTS + LATER);
    await eventually("everything to be finished", async () => (await groups.behind()).size === 0, 60_000);
    await load.logged({ mayBeUnsent: true });

    expect(deliveries).toEqual({ delivered: EVENTS + LATER });
    expect(load.receipts.duplicates).toBeLessThanOrEqual(unsettled);
    expect(load.receipts.forked).toEqual([]);
    expect(load.afterSuccess(2)).toEqual([]);
    expect(offsets.setbacks).toEqual([]);
    expect(await frozen.stop()).toBe(0);
  });
});
