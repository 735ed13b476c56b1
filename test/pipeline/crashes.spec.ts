import { type AppName, eventually, Receiver, RunningStack, TenantClient } from "@waggle/testing";

jest.setTimeout(300_000);

const EVENTS = 5_000;
const BATCH = 100;
const WEBHOOKS = 10;
/** What may be in flight or done above the committed watermark when a process is killed. */
const MOST_DUPLICATES = 1_000;

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
    for (let i = 0; i < WEBHOOKS; i++) {
      await tenant.createWebhook({ url: receiver.url(`/${app}`), events: ["*"], tags: [`w${i}`] });
    }
    const arrivals = new Arrivals(receiver, `/${app}`);
    const published = publishAll(tenant);
    await eventually("some events to arrive", () => arrivals.count() > EVENTS / 10, 60_000);
    await stack.crash(app);
    await published;
    await eventually("every event to arrive", () => arrivals.count() === EVENTS, 120_000);
    await eventually("every delivery in the log", async () => (await countDelivered(tenant)) === EVENTS, 60_000);
    expect(arrivals.duplicates()).toBeLessThan(MOST_DUPLICATES);
  });
});

/** The deliveries that came to one path, counted as they come. */
class Arrivals {
  private readonly ids = new Set<unknown>();
  private seen = 0;
  private requests = 0;

  constructor(
    private readonly receiver: Receiver,
    private readonly path: string,
  ) {}

  /** How many different deliveries came. */
  count(): number {
    for (; this.seen < this.receiver.requests.length; this.seen++) {
      const request = this.receiver.requests[this.seen];
      if (request?.path !== this.path) continue;
      this.requests += 1;
      this.ids.add(request.headers["webhook-id"]);
    }
    return this.ids.size;
  }

  duplicates(): number {
    return this.requests - this.count();
  }
}

/** Publishes everything, again when ingest is away: the ids make that the same events. */
async function publishAll(tenant: TenantClient): Promise<void> {
  for (let first = 0; first < EVENTS; first += BATCH) {
    const events = Array.from({ length: BATCH }, (_, index) => ({
      id: `evt_${first + index}`,
      type: "delivery",
      data: { email_id: `m${index}`, to: "a@b.c", tags: [`w${index % WEBHOOKS}`] },
    }));
    await eventually("the events to be accepted", () => publish(tenant, events), 60_000);
  }
}

async function publish(tenant: TenantClient, events: readonly unknown[]): Promise<boolean> {
  return tenant.publish({ events }).then(
    ({ status }) => status === 202,
    () => false,
  );
}

async function countDelivered(tenant: TenantClient): Promise<number> {
  let total = 0;
  let cursor: unknown = null;
  do {
    const page = cursor === null ? "" : `&cursor=${cursor}`;
    const { body } = await tenant.manage("GET", `/v1/deliveries?status=delivered&limit=200${page}`);
    total += Array.isArray(body.items) ? body.items.length : 0;
    cursor = body.next_cursor;
  } while (cursor !== null);
  return total;
}
