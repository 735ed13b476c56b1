import { type AppName, eventually, Receiver, RunningStack, TenantClient } from "@waggle/testing";

jest.setTimeout(300_000);

const EVENTS = 5_000;
const BATCH = 100;

describe("kill -9 in the middle of 5,000 events", () => {
  let stack: RunningStack;
  let receiver: Receiver;

  beforeAll(async () => {
    [stack, receiver] = await Promise.all([RunningStack.start(), Receiver.start()]);
  });
  afterAll(async () => {
    await receiver.close();
    expect(await stack.stop()).toBe(0);
  });

  it.each<AppName>(["router", "dispatcher", "health", "ingest"])("of %s loses nothing", async (app) => {
    const tenant = await TenantClient.create(stack, { name: app });
    await tenant.createWebhook({ url: receiver.url(`/${app}`), events: ["*"] });
    const published = publishAll(tenant);
    await eventually("some events to arrive", () => receiver.at(`/${app}`).length > EVENTS / 10, 60_000);
    await stack.crash(app);
    const ids = await published;
    const arrived = () => new Set(receiver.at(`/${app}`).map(({ body }) => JSON.parse(body.toString("utf8")).id));
    await eventually("every event to arrive", () => ids.every((id) => arrived().has(id)), 120_000);
    await eventually(
      "every delivery to be in the log",
      async () => {
        const { body } = await tenant.manage("GET", "/v1/deliveries?status=pending&limit=1");
        return Array.isArray(body.items) && body.items.length === 0;
      },
      60_000,
    );
    expect(await count(tenant)).toBe(EVENTS);
  });
});

/** Publishes everything, again when ingest is away: the ids make that the same events. */
async function publishAll(tenant: TenantClient): Promise<string[]> {
  const ids: string[] = [];
  for (let first = 0; first < EVENTS; first += BATCH) {
    const events = Array.from({ length: BATCH }, (_, index) => ({
      id: `evt_${first + index}`,
      type: "delivery",
      data: { email_id: `m${(first + index) % 20}`, to: "a@b.c" },
    }));
    await eventually("the events to be accepted", () => publish(tenant, events), 60_000);
    ids.push(...events.map(({ id }) => id));
  }
  return ids;
}

async function publish(tenant: TenantClient, events: readonly unknown[]): Promise<boolean> {
  return tenant.publish({ events }).then(
    ({ status }) => status === 202,
    () => false,
  );
}

async function count(tenant: TenantClient): Promise<number> {
  let total = 0;
  let cursor: unknown = "";
  do {
    const { body } = await tenant.manage("GET", `/v1/deliveries?limit=200${cursor === "" ? "" : `&cursor=${cursor}`}`);
    total += Array.isArray(body.items) ? body.items.length : 0;
    cursor = body.next_cursor;
  } while (cursor !== null);
  return total;
}
