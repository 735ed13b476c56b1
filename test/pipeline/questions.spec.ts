import { eventually, Receiver, RunningStack, TenantClient } from "@waggle/testing";
import { LiveClient } from "../integration/live/live-client";

jest.setTimeout(180_000);

let stack: RunningStack;
let receiver: Receiver;
let tenant: TenantClient;

beforeAll(async () => {
  [stack, receiver] = await Promise.all([RunningStack.start(), Receiver.start()]);
  tenant = await TenantClient.create(stack, { name: "curious" });
});
afterAll(async () => {
  await receiver.close();
  expect(await stack.stop()).toBe(0);
});

test("what became of an event can be watched, asked and explained", async () => {
  const url = receiver.url("/");
  const all = await tenant.createWebhook({ url, events: ["*"] });
  const off = await tenant.createWebhook({ url, events: ["bounce"] });
  const tagged = await tenant.createWebhook({ url, events: ["*"], tags: ["other"] });
  await tenant.manage("POST", `/v1/webhooks/${off.id}/disable`);
  await stack.settled();
  const live = await LiveClient.open(`${stack.ready.management_url}/v1/live`, tenant.apiKey);

  const data = { email_id: "msg_1", to: "customer@example.com", bounce_type: "hard", tags: ["vip"] };
  const { status } = await tenant.publish({ id: "evt_1", type: "bounce", data });
  expect(status).toBe(202);

  const seen = await live.until(2);
  live.close();
  const about = (webhook: Record<string, unknown>) => seen.find(({ data: shown }) => shown.webhook_id === webhook.id);
  expect(about(all)).toMatchObject({ event: "attempt", data: { event_id: "evt_1", status_code: 200 } });
  expect(about(off)).toMatchObject({ event: "end", data: { status: "skipped", reason: "webhook_disabled" } });

  const explained = await eventually("the explanation", async () => {
    const { body } = await tenant.manage("GET", "/v1/events/evt_1/explain");
    const webhooks: Record<string, unknown>[] = Array.isArray(body.webhooks) ? body.webhooks : [];
    return webhooks.filter((it) => it.status !== null).length === 2 && webhooks;
  });
  expect(explained).toMatchObject([
    { webhook_id: all.id, status: "delivered", reason: null },
    { webhook_id: off.id, status: "skipped", reason: "webhook_disabled" },
    { webhook_id: tagged.id, status: null, reason: "tags_do_not_match" },
  ]);

  const timeline = await tenant.manage("GET", "/v1/emails/msg_1/timeline");
  expect(timeline.body).toMatchObject({ items: [{ id: "evt_1", type: "bounce", data, deliveries: [{}, {}] }] });
  const preview = await tenant.manage("POST", "/v1/webhooks/preview", { events: ["bounce"], tags: ["vip"] });
  expect(preview).toMatchObject({ status: 200, body: { matched: 1, examples: [{ id: "evt_1" }] } });
});
