import { type DeliveryRecord, decodeDelivery } from "@waggle/contracts";
import { DIALECTS, eventName, OUTBOUND_EVENT_TYPES } from "@waggle/domain";
import { Database } from "@waggle/postgres";
import { createTestDatabase, eventually, type TestDatabase } from "@waggle/testing";
import { dayOf } from "../../../apps/health/src/observe/log-days";
import { type Asked, RunningHealth, wrongFields } from "../manage/running-health";
import { type OpenLog, openLog } from "../observe/open-log";
import { anAttempt } from "../observe/records";
import { outbox } from "./outbox";

jest.setTimeout(60_000);

let database: TestDatabase;
let connection: Database;
let health: RunningHealth;
let log: OpenLog;
let tenant: { id: string; key: string };

beforeAll(async () => {
  database = await createTestDatabase();
  health = await RunningHealth.withoutKafka(database.url);
  connection = new Database({ url: database.url, logger: { info: () => {}, warn: () => {} } });
  log = openLog(connection);
  await log.log.makeDays([dayOf(Date.now()), dayOf(Date.now()) + 1]);
  tenant = await health.tenant();
});
afterAll(async () => {
  await health.stop();
  await connection.close();
  await database.drop();
});

async function create(settings: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const body = { url: "https://api.acme.com/", events: ["bounce"], tags: ["vip"], ...settings };
  return String((await health.expect(201, "POST", "/v1/webhooks", { token: tenant.key, body })).id);
}

const send = (id: string, query = "wait=0", asked: Asked = {}) =>
  health.ask("POST", `/v1/webhooks/${id}/test?${query}`, { token: tenant.key, ...asked });

async function published(webhookId: string): Promise<DeliveryRecord[]> {
  const records = (await outbox(database.url, "webhook.deliveries")).map(decodeDelivery);
  return records.filter(({ webhook_id }) => webhook_id === webhookId);
}

it.each(DIALECTS.flatMap((dialect) => OUTBOUND_EVENT_TYPES.map((type) => [dialect, type] as const)))(
  "sends a sample to a %s webhook: %s",
  async (dialect, type) => {
    const id = await create({ dialect });
    const answer = await send(id, "wait=0", { body: { type: eventName(dialect, type) } });
    expect(answer.status).toBe(202);
    expect(answer.body).toMatchObject({
      webhook_id: id,
      event_type: type,
      status: "pending",
      round: 1,
      test: true,
      attempts: [],
    });
    const [record, ...others] = await published(id);
    expect(others).toEqual([]);
    expect(record).toMatchObject({ delivery_id: answer.body.id, test: true, dialect, event_type: type, attempt: 1 });
    const sent: unknown = JSON.parse(record?.body.toString() ?? "");
    expect(answer.body.request).toEqual({ headers: null, body: record?.body.toString() });
    const names = { hiveku: { type }, buzzmark: { MessageID: "msg_sample" }, standard: { type: `email.${type}` } };
    expect(sent).toMatchObject(names[dialect]);
  },
);

it.each(DIALECTS)("sends sample mail to a %s webhook: inbound", async (dialect) => {
  const id = await create({ dialect });
  expect((await send(id, "wait=0", { body: { type: eventName(dialect, "inbound") } })).status).toBe(202);
  const [record] = await published(id);
  expect(record).toMatchObject({ test: true, event_type: "inbound", email_id: "", tags: [], attempt: 1 });
  expect(record?.recipient).toBe(`${record?.inbound_hash}@in.example.com`);
  const sent: unknown = JSON.parse(record?.body.toString() ?? "");
  const names = {
    hiveku: { type: "inbound" },
    buzzmark: { To: record?.recipient },
    standard: { type: "email.inbound" },
  };
  expect(sent).toMatchObject(names[dialect]);
});

it("is a delivery event unless told otherwise", async () => {
  const id = await create();
  for (const body of [undefined, {}, { type: null }]) await send(id, "wait=0", body === undefined ? {} : { body });
  expect((await published(id)).map(({ event_type }) => event_type)).toEqual(["delivery", "delivery", "delivery"]);
});

it("goes to a disabled webhook too, and assumes it as it is now", async () => {
  const id = await create();
  const before = await send(id);
  await health.expect(200, "POST", `/v1/webhooks/${id}/disable`, { token: tenant.key });
  const after = await send(id);
  expect([before.status, after.status]).toEqual([202, 202]);
  const [first, second] = await published(id);
  expect(second?.min_webhook_version).toBeGreaterThan(first?.min_webhook_version ?? 0);
});

it("answers with the delivery as soon as it has ended", async () => {
  const id = await create();
  const asked = send(id, "wait=20");
  const [record] = await eventually("the sample", async () => {
    const records = await published(id);
    return records.length > 0 && records;
  });
  if (!record) throw new Error("nothing was published");
  const failed = { status_code: 500, error: "http_status", response_body: "down" } as const;
  await log.attempts(anAttempt(record, { try: failed, state: { status: "exhausted", reason: "attempts_used" } }));
  const answer = await asked;
  expect(answer.status).toBe(200);
  expect(answer.body).toMatchObject({
    id: record.delivery_id,
    status: "exhausted",
    attempt_count: 1,
    attempts: [{ number: 1, ...failed }],
  });
});

it("does not wait longer than it was told, nor when the app stops", async () => {
  const id = await create();
  const startedAt = performance.now();
  expect((await send(id, "wait=1")).status).toBe(202);
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(990);
  const other = await RunningHealth.withoutKafka(database.url);
  const waiting = other.ask("POST", `/v1/webhooks/${id}/test?wait=30`, { token: tenant.key });
  await eventually("the sample", async () => (await published(id)).length === 2);
  await other.stop();
  expect((await waiting).status).toBe(202);
  expect(performance.now() - startedAt).toBeLessThan(20_000);
});

it("refuses what it does not know", async () => {
  const id = await create();
  const other = await health.tenant();
  expect(wrongFields(await send(id, "wait=31", { body: { type: "delivery" } }))).toEqual(["/wait"]);
  expect(wrongFields(await send(id, "wait=soon"))).toEqual(["/wait"]);
  expect(wrongFields(await send(id, "wait=0", { body: { type: "sent" } }))).toEqual(["/type"]);
  expect((await send(id, "wait=0", { body: { kind: "delivery" } })).status).toBe(422);
  expect((await send(id, "wait=0", { token: other.key })).status).toBe(404);
  expect((await send("wh_01M817CMR3ZQYA91A22XPSSNQF")).status).toBe(404);
  expect((await send("nonsense")).status).toBe(404);
  expect((await send(id, "wait=0", { token: await health.key(tenant.id, ["publish"]) })).status).toBe(403);
  expect((await send(id, "wait=0", { token: null })).status).toBe(401);
  expect(await published(id)).toEqual([]);
});
