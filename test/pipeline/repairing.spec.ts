import { DIALECTS, OUTBOUND_EVENT_TYPES } from "@waggle/domain";
import { eventually, Receiver, RunningStack, TenantClient } from "@waggle/testing";
import { Webhook as StandardWebhook } from "standardwebhooks";

jest.setTimeout(240_000);

/** More than a recovery begins at once, so that the process can be killed in the middle of it. */
const MISSED = 600;

let stack: RunningStack;
let receiver: Receiver;
let tenant: TenantClient;

beforeAll(async () => {
  [stack, receiver] = await Promise.all([RunningStack.start({ TIME_SCALE: "10" }), Receiver.start()]);
  tenant = await TenantClient.create(stack, { name: "repairing" });
});
afterAll(async () => {
  await receiver.close();
  expect(await stack.stop()).toBe(0);
});

const anEvent = (id: string) => ({ id, type: "delivery", data: { email_id: `msg_${id}`, to: "a@b.c" } });
const webhookAt = (path: string, settings: object = {}) =>
  tenant.createWebhook({ url: receiver.url(path), events: ["*"], tags: [path], ...settings });

async function publish(path: string, ...ids: string[]): Promise<void> {
  for (let from = 0; from < ids.length; from += 200) {
    const events = ids.slice(from, from + 200).map(anEvent);
    const { status } = await tenant.publish({
      events: events.map((event) => ({ ...event, data: { ...event.data, tags: [path] } })),
    });
    expect(status).toBe(202);
  }
}

/** The only delivery of an event, once it is as wanted. */
const deliveryOf = (event: string, wanted: (delivery: Record<string, unknown>) => boolean) =>
  eventually(`the delivery of ${event}`, async () => {
    const [delivery] = await tenant.deliveries(`event_id=${event}`);
    return delivery && wanted(delivery) && delivery;
  });

test("a requeued delivery is sent again with the same id and bytes, and its older round goes no further", async () => {
  const { secret } = await webhookAt("/requeue");
  receiver.behaviour = { status: 500 };
  await publish("/requeue", "evt_failed");
  const { id } = await deliveryOf("evt_failed", ({ attempt_count }) => attempt_count === 1);
  receiver.behaviour = ({ headers }) => ({ status: headers["webhook-id"] === id ? 200 : 500 });
  const requeued = await tenant.manage("POST", `/v1/deliveries/${id}/requeue`);
  expect(requeued).toMatchObject({ status: 202, body: { id, round: 2, status: "pending" } });
  await deliveryOf("evt_failed", ({ status }) => status === "delivered");

  // Its retry is due after that of the superseded round: once it has come, that one would have.
  await publish("/requeue", "evt_control");
  await deliveryOf("evt_control", ({ attempt_count }) => Number(attempt_count) >= 2);
  const sent = receiver.at("/requeue").filter(({ headers }) => headers["webhook-id"] === id);
  expect(sent).toHaveLength(2);
  expect(sent[1]?.body).toEqual(sent[0]?.body);
  expect(sent.map(({ headers }) => headers["webhook-attempt"])).toEqual(["1", "1"]);
  for (const { body, headers } of sent) new StandardWebhook(String(secret)).verify(body.toString(), flat(headers));

  const { body } = await tenant.manage("GET", `/v1/deliveries/${id}`);
  expect(body).toMatchObject({
    status: "delivered",
    round: 2,
    attempt_count: 2,
    request: { body: String(sent[0]?.body) },
  });
  expect(body.attempts).toMatchObject([
    { round: 1, number: 1, status_code: 500 },
    { round: 2, number: 1, status_code: 200 },
  ]);
});

test("a test of every type reaches a webhook of every dialect, also a disabled one, and says what came of it", async () => {
  receiver.behaviour = { status: 200, body: "thanks" };
  for (const dialect of DIALECTS) {
    const path = `/test-${dialect}`;
    const { id } = await webhookAt(path, { dialect, events: ["bounce"] });
    await tenant.manage("POST", `/v1/webhooks/${id}/disable`);
    for (const type of OUTBOUND_EVENT_TYPES) {
      const { status, body } = await tenant.manage("POST", `/v1/webhooks/${id}/test?wait=15`, { type });
      expect({ status, body }).toMatchObject({
        status: 200,
        body: {
          status: "delivered",
          event_type: type,
          test: true,
          attempts: [{ status_code: 200, response_body: "thanks" }],
        },
      });
      const { headers, body: sent } = receiver.at(path).at(-1) ?? {};
      expect(headers).toMatchObject({ "webhook-id": body.id, "webhook-test": "true" });
      expect(body).toMatchObject({ request: { body: sent?.toString() } });
    }
    expect(receiver.at(path)).toHaveLength(OUTBOUND_EVENT_TYPES.length);
  }
});

test("a test makes one attempt and judges nobody", async () => {
  receiver.behaviour = { status: 410 };
  const { id } = await webhookAt("/gone");
  const { status, body } = await tenant.manage("POST", `/v1/webhooks/${id}/test`);
  expect({ status, body }).toMatchObject({ status: 200, body: { status: "exhausted", attempt_count: 1 } });
  expect((await tenant.manage("GET", `/v1/webhooks/${id}`)).body).toMatchObject({ status: "enabled" });
  receiver.behaviour = { status: 200 };
  await publish("/gone", "evt_not_gone");
  await deliveryOf("evt_not_gone", ({ status: stands }) => stands === "delivered");
});

test("what a disabled webhook missed is recovered, each once, though health is killed meanwhile", async () => {
  receiver.behaviour = { status: 200 };
  // So slow that the recovery has most of it before it while 200 wait.
  const { id } = await webhookAt("/recover", { max_per_second: 5 });
  await tenant.manage("POST", `/v1/webhooks/${id}/disable`);
  await stack.settled();
  const missed = Array.from({ length: MISSED }, (_, index) => `evt_missed_${index}`);
  await publish("/recover", ...missed);
  const since = new Date(Date.now() - 3_600_000).toISOString();
  const recover = (body: object) => tenant.manage("POST", `/v1/webhooks/${id}/recover`, { since, ...body });
  expect(await recover({})).toMatchObject({ status: 409, body: { code: "webhook_disabled" } });
  await tenant.manage("POST", `/v1/webhooks/${id}/enable`);
  await eventually("all of them in the log", async () => (await recover({ dry_run: true })).body.matched === MISSED);

  const begun = await recover({});
  expect(begun).toMatchObject({ status: 202, body: { status: "running", matched: MISSED } });
  const progress = async () => (await tenant.manage("GET", `/v1/recoveries/${begun.body.id}`)).body;
  await eventually("the first of them", async () => Number((await progress()).requeued) > 0, 60_000);
  await stack.crash("health");
  const killedAmid = await progress();
  expect(killedAmid.status).toBe("running");
  expect(Number(killedAmid.requeued)).toBeLessThan(MISSED);
  expect((await tenant.manage("PATCH", `/v1/webhooks/${id}`, { max_per_second: null })).status).toBe(200);
  await eventually("the end of the recovery", async () => (await progress()).status === "done", 60_000);
  expect(await progress()).toMatchObject({ requeued: MISSED, unrecoverable: 0 });

  await eventually("all of them at the receiver", () => receiver.at("/recover").length >= MISSED, 30_000);
  const ids = receiver.at("/recover").map(({ body }) => String(JSON.parse(body.toString()).id));
  expect([...ids].sort()).toEqual([...missed].sort());
  await eventually("none that is not delivered", async () => {
    return (await tenant.deliveries(`webhook_id=${id}&limit=200`)).every(({ status }) => status === "delivered");
  });
});

function flat(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}
