import { type AppName, eventually, Receiver, RunningStack } from "@waggle/testing";
import { slowly, Workload } from "./workload";

jest.setTimeout(180_000);

const EVENTS = 5_000;
/** What fails or is parked comes again after seconds, not minutes. */
const TIME_SCALE = "10";
/**
 * What a publisher sees of an ingest that stops: no connection; one that closes, as it is idle, while the publisher
 * just begins to use it; or that it stops.
 */
const AWAY = ["ECONNREFUSED", "ECONNRESET", "UND_ERR_SOCKET", "503"];
const IN_ORDER = "ended with code 0";

describe("SIGTERM", () => {
  let stack: RunningStack;
  let receiver: Receiver;

  beforeAll(async () => {
    [stack, receiver] = await Promise.all([RunningStack.start({ TIME_SCALE }), Receiver.start()]);
    receiver.behaviour = slowly({ failures: 1 });
  });
  afterAll(async () => {
    await receiver.close();
    expect(await stack.stop()).toBe(0);
  });

  /** Every delivery came once, and the log has just that. */
  async function expectEachOnce(load: Workload, count: number): Promise<void> {
    await load.arrived(count);
    expect(await load.delivered(count)).toEqual({ delivered: count });
    expect(load.receipts.duplicates).toBe(0);
    await load.logged();
  }

  it("to the only dispatcher amid a burst: what is in flight ends, the rest waits for the next one", async () => {
    const load = await Workload.create(stack, receiver, { name: "alone" });
    const publishing = load.publish(EVENTS);
    await load.arrived(EVENTS / 10);
    expect(await stack.restart("dispatcher")).toBe(IN_ORDER);
    await publishing;
    await expectEachOnce(load, EVENTS);
  });

  it("to one of two dispatchers amid a burst: the other takes over, and neither repeats what the other did", async () => {
    const load = await Workload.create(stack, receiver, { name: "beside" });
    const other = await stack.startDispatcher();
    const publishing = load.publish(EVENTS);
    await load.arrived(EVENTS / 10);
    expect(await stack.restart("dispatcher")).toBe(IN_ORDER);
    await load.arrived(EVENTS / 2);
    expect(await other.stop()).toBe(0);
    await publishing;
    await expectEachOnce(load, EVENTS);
  });

  it("to every app in turn under load: publishers see nothing but an ingest that is away, receivers nothing at all", async () => {
    const load = await Workload.create(stack, receiver, { name: "rolling" });
    let isOver = false;
    const keepOn = async () => {
      while (!isOver) await load.publish(20, { mayWait: 500 });
    };
    const publishing = keepOn();
    await load.arrived(100);
    const ends: string[] = [];
    for (const app of ["dispatcher", "router", "ingest", "health"] satisfies AppName[]) {
      ends.push(await stack.restart(app));
      const before = load.receipts.deliveries;
      await eventually("deliveries to go on", () => load.receipts.deliveries > before + 1_000, 60_000);
    }
    isOver = true;
    await publishing;
    expect(ends).toEqual([IN_ORDER, IN_ORDER, IN_ORDER, IN_ORDER]);
    expect(AWAY).toEqual(expect.arrayContaining([...load.publisher.refusals]));
    await expectEachOnce(load, load.publisher.accepted);
  });
});
