import { RETRY_DELAYS_S } from "@waggle/domain";
import { eventually, type ReceivedRequest, Receiver, RunningStack, TenantClient } from "@waggle/testing";

const TIME_SCALE = 600;
jest.setTimeout(300_000);

const SCHEDULES = [
  ["hiveku", 12],
  ["buzzmark", 6],
  ["standard", 8],
] as const;

describe("a delivery that fails every time", () => {
  let stack: RunningStack;
  let receiver: Receiver;
  const tenants = new Map<string, TenantClient>();

  beforeAll(async () => {
    [stack, receiver] = await Promise.all([RunningStack.start({ TIME_SCALE: String(TIME_SCALE) }), Receiver.start()]);
    receiver.behaviour = { status: 500, body: "down" };
    // All at once: a schedule takes two minutes.
    for (const [dialect] of SCHEDULES) {
      const tenant = await TenantClient.create(stack, { name: dialect, dialect });
      await tenant.createWebhook({ url: receiver.url(`/${dialect}`), events: ["*"] });
      await tenant.publish({ type: "delivery", data: { email_id: "m", to: "a@b.c" } });
      tenants.set(dialect, tenant);
    }
  });
  afterAll(async () => {
    await receiver.close();
    expect(await stack.stop()).toBe(0);
  });

  it.each(SCHEDULES)(
    "is attempted by the whole schedule of %s: %i times, none early, then exhausted",
    async (dialect, count) => {
      const tenant = tenants.get(dialect);
      const delivery = await eventually(
        "the delivery to be exhausted",
        async () => (await tenant?.deliveries("status=exhausted"))?.[0],
        200_000,
      );
      expect(delivery).toMatchObject({ reason: "attempts_used", attempt_count: count, next_attempt_at: null });
      const requests = receiver.at(`/${dialect}`);
      expect(requests.map(({ headers }) => Number(headers["webhook-attempt"]))).toEqual(upTo(count));
      expect(new Set(requests.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
      expect(new Set(requests.map(({ body }) => body.toString("utf8"))).size).toBe(1);
      const early = waits(requests).filter((wait, index) => wait < scaled(RETRY_DELAYS_S[dialect][index]));
      expect(early).toEqual([]);
      const log = await tenant?.manage("GET", `/v1/deliveries/${delivery.id}`);
      expect(log?.body.attempts).toHaveLength(count);
    },
  );
});

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}

/** Milliseconds from each answer to the next request. */
function waits(requests: readonly ReceivedRequest[]): number[] {
  return requests.slice(1).map(({ at }, index) => at - (requests[index]?.answeredAt ?? 0));
}

function scaled(seconds = Number.NaN): number {
  return (seconds * 1_000) / TIME_SCALE;
}
