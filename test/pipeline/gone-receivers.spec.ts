import { eventually, Receiver, RunningStack, TenantClient } from "@waggle/testing";

jest.setTimeout(180_000);

describe("a receiver that answers 410", () => {
  let stack: RunningStack;
  let receiver: Receiver;
  let tenant: TenantClient;

  beforeAll(async () => {
    [stack, receiver] = await Promise.all([RunningStack.start(), Receiver.start()]);
    tenant = await TenantClient.create(stack, { name: "gone" });
  });
  afterAll(async () => {
    await receiver.close();
    expect(await stack.stop()).toBe(0);
  });

  /** Publishes an event and resolves to its only delivery, once it has ended. */
  async function outcome(id: string): Promise<Record<string, unknown>> {
    await tenant.publish({ id, type: "delivery", data: { email_id: "m", to: "a@b.c" } });
    return eventually(`the end of ${id}`, async () => {
      const [delivery] = await tenant.deliveries(`event_id=${id}`);
      return delivery?.status !== "pending" && delivery;
    });
  }

  it("gets nothing more: its webhook is disabled, until somebody enables it again", async () => {
    receiver.behaviour = { status: 410 };
    const { id } = await tenant.createWebhook({ url: receiver.url("/"), events: ["*"] });
    const shown = async () => (await tenant.manage("GET", `/v1/webhooks/${id}`)).body;

    expect(await outcome("evt_first")).toMatchObject({ status: "exhausted", reason: "gone", attempt_count: 1 });
    receiver.behaviour = { status: 200 };
    const skipped = { status: "skipped", reason: "webhook_disabled", attempt_count: 0 };
    expect(await outcome("evt_at_once")).toMatchObject(skipped);
    await eventually("the webhook to be disabled", async () => (await shown()).status === "disabled");
    expect(await shown()).toMatchObject({ disabled_reason: "gone" });
    await stack.settled();
    expect(await outcome("evt_later")).toMatchObject(skipped);
    expect(receiver.requests).toHaveLength(1);

    await tenant.manage("POST", `/v1/webhooks/${id}/enable`);
    await stack.settled();
    expect(await outcome("evt_again")).toMatchObject({ status: "delivered", attempt_count: 1 });
    expect(await shown()).toMatchObject({ status: "enabled", disabled_reason: null });
    expect(receiver.requests).toHaveLength(2);
  });
});
