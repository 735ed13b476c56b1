import { ConsumerGroups, eventually, Receiver, RunningStack } from "@waggle/testing";
import { slowly, Workload } from "./workload";

jest.setTimeout(240_000);

const EVENTS = 7_000;
const DEEP = 5_000;

describe("dispatchers that come and go over a deep backlog", () => {
  let stack: RunningStack;
  let receiver: Receiver;
  let groups: ConsumerGroups;

  beforeAll(async () => {
    [stack, receiver] = await Promise.all([RunningStack.start({ TIME_SCALE: "10" }), Receiver.start()]);
    groups = await ConsumerGroups.open(stack.ready.kafka_brokers);
  });
  afterAll(async () => {
    await receiver.close();
    await groups.close();
    expect(await stack.stop()).toBe(0);
  });

  it("lose nothing, repeat at most what was in flight when partitions changed hands, and fork no retry chain", async () => {
    receiver.behaviour = slowly({ failures: 1 });
    const load = await Workload.create(stack, receiver, { name: "changing" });
    const publishing = load.publish(EVENTS);
    const backlog = () => load.publisher.accepted - load.receipts.deliveries;
    await eventually("a deep backlog", () => backlog() > DEEP, 60_000);
    let unsettled = 0;
    /** Lets the group work for a while between one change and the next. */
    const change = async <Outcome>(make: () => Promise<Outcome>) => {
      unsettled += load.receipts.unsettledAt(Date.now());
      const outcome = await make();
      await load.arrived(Math.min(EVENTS, load.receipts.deliveries + EVENTS / 20));
      return outcome;
    };
    const first = await change(() => stack.startDispatcher());
    const second = await change(() => stack.startDispatcher());
    const ends = [await change(() => first.stop())];
    const third = await change(() => stack.startDispatcher());
    ends.push(await change(() => second.stop()), await change(() => third.stop()));
    await publishing;
    const deliveries = await load.delivered(EVENTS);
    await eventually("everything to be finished", async () => (await groups.behind()).size === 0, 60_000);
    await load.logged();
    expect(ends).toEqual([0, 0, 0]);
    expect(deliveries).toEqual({ delivered: EVENTS });
    expect(load.receipts.duplicates).toBeLessThanOrEqual(unsettled);
    expect(load.receipts.forked).toEqual([]);
    expect(load.afterSuccess(1)).toEqual([]);
  });
});
