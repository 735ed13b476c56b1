import { setTimeout as sleep } from "node:timers/promises";
import { type AppName, eventually, Receiver, RunningStack } from "@waggle/testing";
import { slowly, Workload } from "./workload";

jest.setTimeout(240_000);

const APPS: readonly AppName[] = ["ingest", "router", "dispatcher", "health"];
const EVENTS = 1_000;
const ASKED_AT_ONCE = 50;
const REFUSAL = { status: 503, retryAfter: expect.stringMatching(/^\d+$/) };
/** Longer than a batch of the log may take, so that one is given up and tried again. */
const HUNG_MS = 20_000;

describe("PostgreSQL away amid publishing", () => {
  let stack: RunningStack;
  let receiver: Receiver;

  beforeAll(async () => {
    [stack, receiver] = await Promise.all([RunningStack.start({ TIME_SCALE: "10" }), Receiver.start()]);
    receiver.behaviour = slowly({ failures: 1 });
  });
  afterEach(() => stack.thaw("postgres"));
  afterAll(async () => {
    await receiver.close();
    expect(await stack.stop()).toBe(0);
  });

  /** What somebody is answered who asks for webhooks now. */
  async function asked(): Promise<{ readonly status: number; readonly retryAfter: string | null }> {
    const { management_url, admin_token } = stack.ready;
    const headers = { authorization: `Bearer ${admin_token}` };
    const response = await fetch(`${management_url}/v1/tenants`, { headers });
    return { status: response.status, retryAfter: response.headers.get("retry-after") };
  }

  /** More at once than there are connections: every one is told to come back, and none waits for ever. */
  async function allRefused(): Promise<void> {
    const answers = await Promise.all(Array.from({ length: ASKED_AT_ONCE }, asked));
    expect(answers).toEqual(answers.map(() => REFUSAL));
  }

  it.each([
    [
      "hung",
      async (deliveriesGoOn: () => Promise<void>) => {
        stack.freeze("postgres");
        await deliveriesGoOn();
        await allRefused();
        await sleep(HUNG_MS);
        stack.thaw("postgres");
      },
    ],
    [
      "killed and started again",
      async (deliveriesGoOn: () => Promise<void>) => {
        await stack.killStore("postgres");
        // It may be back at any moment: whoever is not answered is told to come back.
        const answers = await Promise.all(Array.from({ length: ASKED_AT_ONCE }, asked));
        const allowed = answers.map(({ status }) => (status === 200 ? { status, retryAfter: null } : REFUSAL));
        expect(answers).toEqual(allowed);
        await deliveriesGoOn();
      },
    ],
  ])("and %s: deliveries go on, afterwards no attempt is missing, and nobody was restarted", async (name, fail) => {
    const pids = APPS.map((app) => stack.pid(app));
    const load = await Workload.create(stack, receiver, { name: name.replaceAll(" ", "-") });
    await load.publish(EVENTS, { mayWait: 500 });
    await fail(async () => {
      await load.publish(EVENTS);
      await load.arrived(2 * EVENTS);
    });
    await eventually("the management API to answer again", async () => (await asked()).status === 200, 60_000);
    const answers = await Promise.all(Array.from({ length: ASKED_AT_ONCE }, asked));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect(await load.delivered(2 * EVENTS)).toEqual({ delivered: 2 * EVENTS });
    await load.logged();
    expect(load.receipts.duplicates).toBe(0);
    expect(APPS.map((app) => stack.pid(app))).toEqual(pids);
  });
});
