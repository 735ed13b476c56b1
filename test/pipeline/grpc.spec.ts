import { eventually, Receiver, RunningStack, TenantClient } from "@waggle/testing";
import { comparable } from "../integration/grpc/comparable";
import { ReflectedClient } from "../integration/grpc/reflected-client";

jest.setTimeout(180_000);

let stack: RunningStack;
let receiver: Receiver;
let tenant: TenantClient;
let rpc: ReflectedClient;

beforeAll(async () => {
  [stack, receiver] = await Promise.all([RunningStack.start(), Receiver.start()]);
  tenant = await TenantClient.create(stack, { name: "by gRPC" });
  rpc = await ReflectedClient.connect(stack.ready.grpc_address, tenant.apiKey);
});
afterAll(async () => {
  rpc.close();
  await receiver.close();
  expect(await stack.stop()).toBe(0);
});

const http = async (path: string) => (await tenant.manage("GET", path)).body;

test("a webhook is made, watched, asked about and repaired over gRPC alone", async () => {
  const { webhook } = await rpc.expect("Webhooks/Create", { webhook: { url: receiver.url("/"), events: ["*"] } });
  const id = String(Object(webhook).id);
  await stack.settled();
  const watch = rpc.stream("Deliveries/Watch", { webhook_id: id });
  await watch.isOpen();
  receiver.behaviour = { status: 410 };

  const metadata = { deep: [[{ er: 1.5, none: null }]] };
  const data = { email_id: "msg_1", to: "customer@example.com", bounce_type: "hard", tags: ["vip"], metadata };
  expect((await tenant.publish({ id: "evt_1", type: "bounce", data })).status).toBe(202);
  const [seen] = await watch.until(1);
  expect(seen).toMatchObject({
    attempt: { event_id: "evt_1", status_code: 410, error: "http_status", reason: "gone" },
  });
  watch.cancel();

  const [delivery] = await eventually("the delivery", async () => {
    const { items } = await rpc.expect("Deliveries/List", { webhook_id: id, status: "exhausted", tag: "vip" });
    return Array.isArray(items) && items.length > 0 && items;
  });
  const deliveryId = String(Object(delivery).id);
  expect(comparable(await rpc.expect("Deliveries/List", { event_type: "bounce", limit: 1 }))).toEqual(
    comparable(await http("/v1/deliveries?event_type=bounce&limit=1")),
  );
  expect(comparable(await rpc.expect("Deliveries/Get", { id: deliveryId }))).toEqual({
    delivery: comparable(await http(`/v1/deliveries/${deliveryId}`)),
  });
  expect(comparable(await rpc.expect("Webhooks/ListAttempts", { id, result: "failed" }))).toEqual(
    comparable(await http(`/v1/webhooks/${id}/attempts?result=failed`)),
  );
  expect(comparable(await rpc.expect("Webhooks/GetHealth", { id }))).toEqual({
    health: comparable(await http(`/v1/webhooks/${id}/health`)),
  });

  const { event } = await rpc.expect("Events/Get", { id: "evt_1" });
  expect(comparable(event)).toEqual(comparable(await http("/v1/events/evt_1")));
  expect(Object(event).data.metadata).toEqual(metadata);
  expect(comparable(await rpc.expect("Events/Explain", { id: "evt_1" }))).toEqual(
    comparable(await http("/v1/events/evt_1/explain")),
  );
  expect(comparable(await rpc.expect("Events/GetTimeline", { email_id: "msg_1" }))).toEqual(
    comparable(await http("/v1/emails/msg_1/timeline")),
  );
  const filter = { events: ["bounce"], tags: ["vip"], since: "2026-01-01T00:00:00Z" };
  const preview = await tenant.manage("POST", "/v1/webhooks/preview", filter);
  expect(comparable(await rpc.expect("Webhooks/Preview", filter))).toEqual(comparable(preview.body));

  expect(await rpc.call("Deliveries/Requeue", { id: deliveryId })).toMatchObject({
    status: "FAILED_PRECONDITION",
    details: { ErrorInfo: { reason: "webhook_disabled", domain: "waggle" } },
  });
  receiver.behaviour = { status: 200 };
  await rpc.expect("Webhooks/Enable", { id });
  expect(await rpc.expect("Webhooks/Test", { id, type: "open", wait: 20 })).toMatchObject({
    delivery: { test: true, event_type: "open", status: "delivered", attempts: [{ status_code: 200 }] },
  });

  const selection = { id, since: "2026-01-01T00:00:00Z", statuses: ["exhausted"] };
  expect(await rpc.expect("Webhooks/Recover", { ...selection, dry_run: true })).toMatchObject({
    recovery: { dry_run: true, matched: "1", webhook_id: id },
  });
  const { recovery } = await rpc.expect("Webhooks/Recover", selection);
  const recoveryId = String(Object(recovery).id);
  const hasEnded = async () => {
    const { recovery: now } = await rpc.expect("Webhooks/GetRecovery", { id: recoveryId });
    return Object(now).status === "done";
  };
  await eventually("the recovery has ended", hasEnded, 30_000);
  expect(comparable(await rpc.expect("Webhooks/GetRecovery", { id: recoveryId }))).toEqual({
    recovery: comparable(await http(`/v1/recoveries/${recoveryId}`)),
  });
  expect(await rpc.expect("Webhooks/CancelRecovery", { id: recoveryId })).toEqual({});
  await eventually("it is delivered", async () => {
    const { delivery: now } = await rpc.expect("Deliveries/Get", { id: deliveryId });
    return Object(now).status === "delivered" && Object(now).round === 2;
  });
  expect(await rpc.expect("Deliveries/Requeue", { id: deliveryId })).toMatchObject({
    delivery: { id: deliveryId, round: 3, status: "pending" },
  });
});
