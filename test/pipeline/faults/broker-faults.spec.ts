import { setTimeout as sleep } from "node:timers/promises";
import { type AppName, ConsumerGroups, eventually, Receiver, RunningStack } from "@waggle/testing";
import { slowly, Workload } from "./workload";

jest.setTimeout(180_000);

const APPS: readonly AppName[] = ["ingest", "router", "dispatcher", "health"];
/** Longer than any try of a request, and than the sessions of the consumers. */
const FREEZE_MS = 12_000;
/** By when after a fault all is as before. Source: safety, invariant 10. */
const RECOVERY_MS = 30_000;

describe("a broker that fails amid publishing", () => {
  let stack: RunningStack;
  let receiver: Receiver;
  let isOver = false;

  beforeAll(async () => {
    [stack, receiver] = await Promise.all([RunningStack.start({ TIME_SCALE: "10" }), Receiver.start()]);
    receiver.behaviour = slowly();
  });
  afterEach(() => {
    isOver = true;
    stack.thaw("kafka");
  });
  afterAll(async () => {
    await receiver.close();
    expect(await stack.stop()).toBe(0);
  });

  /** Which apps take no work, and which groups are behind where: nothing once all is as before. */
  async function troubles(): Promise<string[]> {
    const ready = await Promise.all(APPS.map((app) => stack.isReady(app)));
    const groups = await ConsumerGroups.open(stack.ready.kafka_brokers);
    const behind = await groups.behind().finally(() => groups.close());
    return [
      ...APPS.filter((_, index) => !ready[index]).map((app) => `${app} is not ready`),
      ...Array.from(behind, ([place, records]) => `${place} is ${records} behind`),
    ];
  }

  it.each([
    ["killed and started again", () => stack.killStore("kafka")],
    [
      "frozen",
      async () => {
        stack.freeze("kafka");
        await sleep(FREEZE_MS);
        stack.thaw("kafka");
      },
    ],
  ])("and is %s: every event answered 202 arrives, and all recovers by itself", async (name, fail) => {
    const pids = APPS.map((app) => stack.pid(app));
    const load = await Workload.create(stack, receiver, { name: name.replaceAll(" ", "-") });
    isOver = false;
    const keepOn = async () => {
      while (!isOver) await load.publish(20, { mayWait: 500 });
    };
    const publishing = keepOn();
    // It may outlast a test that fails, whose failure is the one to hear of.
    publishing.catch(() => undefined);
    await load.arrived(1_000);
    await fail();
    const answered = load.publisher.accepted;
    const howFar = () => `${load.publisher.accepted - answered} accepted, ${load.receipts.deliveries} arrived`;
    const goesOn = () => load.publisher.accepted > answered + 1_000;
    await eventually(() => `publishing to go on: ${howFar()}`, goesOn, 60_000);
    isOver = true;
    await publishing;
    let found: readonly string[] = [];
    const hasRecovered = async () => {
      found = await troubles().catch((error: unknown) => [String(error)]);
      return found.length === 0;
    };
    await eventually(() => `all to be as before: ${found.join(", ")}`, hasRecovered, RECOVERY_MS);
    const { accepted } = load.publisher;
    expect(await load.delivered(accepted)).toEqual({ delivered: accepted });
    expect(load.receipts.deliveries).toBe(accepted);
    expect(["503"]).toEqual(expect.arrayContaining([...load.publisher.refusals]));
    expect(APPS.map((app) => stack.pid(app))).toEqual(pids);
  });
});
