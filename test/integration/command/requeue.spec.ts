import { type DeliveryRecord, decodeDelivery, decodeDirectoryRecord } from "@waggle/contracts";
import { renderBody } from "@waggle/domain";
import { Database } from "@waggle/postgres";
import { anEmailEvent, createTestDatabase, type TestDatabase } from "@waggle/testing";
import { Requeues } from "../../../apps/health/src/command/requeues";
import { eventEntry } from "../../../apps/health/src/observe/event-entry";
import { dayOf } from "../../../apps/health/src/observe/log-days";
import { PostgresCommandStore } from "../../../apps/health/src/out/command/command-store.postgres";
import { PostgresDirectorySource } from "../../../apps/health/src/out/manage/directory-source.postgres";
import { RunningHealth } from "../manage/running-health";
import { type OpenLog, openLog } from "../observe/open-log";
import { aDelivery, aFailedAttempt, anAttempt, anEnd, anIdentity } from "../observe/records";
import { outbox } from "./outbox";

jest.setTimeout(60_000);

let database: TestDatabase;
let connection: Database;
let health: RunningHealth;
let log: OpenLog;
let tenant: { id: string; key: string };
let webhookId: string;

beforeAll(async () => {
  database = await createTestDatabase();
  health = await RunningHealth.withoutKafka(database.url);
  connection = new Database({ url: database.url, logger: { info: () => {}, warn: () => {} } });
  log = openLog(connection);
  tenant = await health.tenant();
});
beforeEach(async () => {
  const body = { url: "https://api.acme.com/", events: ["*"] };
  webhookId = String((await health.expect(201, "POST", "/v1/webhooks", { token: tenant.key, body })).id);
});
afterAll(async () => {
  await health.stop();
  await connection.close();
  await database.drop();
});

const ofWebhook = (overrides: Parameters<typeof anIdentity>[0] = {}) =>
  anIdentity({ webhook_id: webhookId, tenant_id: tenant.id, ...overrides });
const requeue = (id: string, token = tenant.key) => health.ask("POST", `/v1/deliveries/${id}/requeue`, { token });
const published = async (id: string): Promise<DeliveryRecord[]> =>
  (await outbox(database.url, "webhook.deliveries"))
    .map(decodeDelivery)
    .filter(({ delivery_id }) => delivery_id === id);
const directory = async (id: string) =>
  (await outbox(database.url, "webhook.directory"))
    .map(decodeDirectoryRecord)
    .filter((record) => record.kind === "delivery" && record.id === id);

it("begins a new round of a delivery that ended, with the same id and bytes", async () => {
  const identity = ofWebhook({ email_id: "msg_é", tags: ["a,b", "c"] });
  const first = aDelivery(identity, { body: Buffer.from('{"name":"Zoë \\u0000"}') });
  await log.deliveries(first);
  await log.attempts(
    anAttempt(identity, {
      try: { status_code: 500, error: "http_status" },
      state: { status: "exhausted", reason: "attempts_used" },
    }),
  );
  const answer = await requeue(identity.delivery_id);
  expect(answer.status).toBe(202);
  expect(answer.body).toMatchObject({
    id: identity.delivery_id,
    round: 2,
    status: "pending",
    reason: null,
    attempt_count: 1,
  });

  const [record, ...others] = await published(identity.delivery_id);
  expect(others).toEqual([]);
  expect(record).toEqual({
    ...first,
    round: 2,
    due_at: expect.any(Number),
    first_due_at: expect.any(Number),
    min_webhook_version: expect.any(Number),
  });
  expect(record?.min_webhook_version).toBeGreaterThan(0);
  expect(await directory(identity.delivery_id)).toEqual([]);
  const shown = await health.expect(200, "GET", `/v1/deliveries/${identity.delivery_id}`, { token: tenant.key });
  expect({ ...answer.body, ...shown }).toEqual({ ...shown, ...answer.body });
});

it.each(["delivered", "skipped"] as const)("begins a new round of one that is %s", async (status) => {
  const identity = ofWebhook();
  await log.deliveries(aDelivery(identity));
  await log.attempts(status === "delivered" ? anAttempt(identity) : anEnd(identity));
  expect((await requeue(identity.delivery_id)).body).toMatchObject({ round: 2, status: "pending" });
  expect(await published(identity.delivery_id)).toHaveLength(1);
});

it("renders the body of one that was never sent from its event, as the router would have", async () => {
  const event = anEmailEvent({ id: "evt_skipped", tenant_id: tenant.id, accepted_at: Date.now() - 60_000 });
  const copy = { ...event, accepted_at: event.accepted_at + 1_000, data: { ...event.data, subject: "another" } };
  const { id: event_id, accepted_at } = event;
  await log.log.makeDays([dayOf(accepted_at)]);
  await log.log.transaction((transaction) =>
    transaction.insertEvents([copy, event].map((each) => eventEntry({ value: Buffer.from(JSON.stringify(each)) }))),
  );
  const identity = ofWebhook({ event_id, accepted_at, dialect: "buzzmark" });
  await log.attempts(anEnd(identity));
  expect((await requeue(identity.delivery_id)).status).toBe(202);
  const [record] = await published(identity.delivery_id);
  expect(record?.body.toString()).toBe(renderBody("buzzmark", event));
  expect((await log.one(identity.delivery_id)).body).toBe(renderBody("buzzmark", event));
});

it("waits for the body of one whose attempt was logged first", async () => {
  const identity = ofWebhook({ accepted_at: Date.now() });
  const first = aDelivery(identity);
  await log.attempts(anAttempt(identity));
  const requeues = new Requeues({
    store: new PostgresCommandStore(connection, Date.now),
    reader: log.reader,
    now: Date.now,
    pause: () => log.deliveries(first),
    isStopping: () => false,
  });
  const request = { id: identity.delivery_id, query: {}, body: undefined };
  expect(await requeues.requeue({ kind: "operator" }, request)).toMatchObject({ round: 2, status: "pending" });
  expect((await published(identity.delivery_id))[0]?.body).toEqual(first.body);
});

it("is refused when neither a body nor an event says what was to be sent", async () => {
  const identity = ofWebhook();
  await log.attempts(anEnd(identity));
  expect(await requeue(identity.delivery_id)).toMatchObject({ status: 409, body: { code: "conflict" } });
});

it("supersedes an older round that is pending, and tells the data plane before the new one", async () => {
  const identity = ofWebhook();
  await log.deliveries(aDelivery(identity));
  await log.attempts(aFailedAttempt(identity, 1));
  for (const round of [2, 3]) expect((await requeue(identity.delivery_id)).body).toMatchObject({ round });
  expect((await directory(identity.delivery_id)).map(({ entry }) => entry)).toMatchObject([
    { min_round: 2, deleted: false },
    { min_round: 3, deleted: false },
  ]);
  const versions = await outbox(database.url, "webhook.directory").then((records) =>
    records.map(({ version }) => version),
  );
  expect((await outbox(database.url, "webhook.deliveries")).at(-1)?.version).toBeGreaterThan(Math.max(...versions));
  await log.attempts(aFailedAttempt(identity, 2, 1));
  expect(await log.one(identity.delivery_id)).toMatchObject({ round: 3, status: "pending", attempt_count: 2 });
});

it("is found the same in the log when its record is read from Kafka, also twice", async () => {
  const identity = ofWebhook({ publisher_id: true });
  await log.deliveries(aDelivery(identity));
  await log.attempts(anAttempt(identity));
  await requeue(identity.delivery_id);
  const logged = await log.one(identity.delivery_id);
  const records = await published(identity.delivery_id);
  await log.deliveries(...records);
  await log.deliveries(aDelivery(identity), ...records);
  expect(await log.one(identity.delivery_id)).toEqual(logged);
});

it("gives each of several requeues at once a round of its own", async () => {
  const identity = ofWebhook();
  await log.deliveries(aDelivery(identity));
  await log.attempts(anAttempt(identity));
  const answers = await Promise.all([1, 2, 3, 4].map(() => requeue(identity.delivery_id)));
  expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202]);
  expect(answers.map(({ body }) => body.round).sort()).toEqual([2, 3, 4, 5]);
});

it("is refused while the webhook is disabled, and once it is deleted", async () => {
  const identity = ofWebhook();
  await log.deliveries(aDelivery(identity));
  await health.expect(200, "POST", `/v1/webhooks/${webhookId}/disable`, { token: tenant.key });
  expect(await requeue(identity.delivery_id)).toMatchObject({ status: 409, body: { code: "webhook_disabled" } });
  await health.expect(204, "DELETE", `/v1/webhooks/${webhookId}`, { token: tenant.key });
  expect(await requeue(identity.delivery_id)).toMatchObject({ status: 409, body: { code: "conflict" } });
  expect(await published(identity.delivery_id)).toEqual([]);
});

it("assumes the webhook as it is after the enable", async () => {
  const identity = ofWebhook();
  await log.deliveries(aDelivery(identity));
  for (const action of ["disable", "enable"]) {
    await health.expect(200, "POST", `/v1/webhooks/${webhookId}/${action}`, { token: tenant.key });
  }
  await requeue(identity.delivery_id);
  const [record] = await published(identity.delivery_id);
  const entries = (await outbox(database.url, "webhook.directory")).map(decodeDirectoryRecord);
  const versions = entries.filter(({ id }) => id === webhookId).map(({ entry }) => entry?.version);
  expect(record?.min_webhook_version).toBe(versions.at(-1));
});

it("is the tenant's alone, takes scope manage, and says nothing in its body", async () => {
  const identity = ofWebhook();
  await log.deliveries(aDelivery(identity));
  const other = await health.tenant();
  const publisher = await health.key(tenant.id, ["publish"]);
  const path = `/v1/deliveries/${identity.delivery_id}/requeue`;
  expect((await requeue(identity.delivery_id, other.key)).status).toBe(404);
  expect((await requeue("dlv_unknown")).status).toBe(404);
  expect((await requeue(identity.delivery_id, publisher)).status).toBe(403);
  expect((await health.ask("POST", path, { token: null })).status).toBe(401);
  expect((await health.ask("POST", path, { token: tenant.key, body: { round: 7 } })).status).toBe(422);
  expect((await health.ask("POST", path)).status).toBe(202);
});

it("leaves the directory when nothing of an older round can be waiting any more", async () => {
  const identity = ofWebhook();
  await log.deliveries(aDelivery(identity));
  await requeue(identity.delivery_id);
  const source = new PostgresDirectorySource(connection, Date.now);
  await source.renew([{ kind: "delivery", id: identity.delivery_id }]);
  expect(await directory(identity.delivery_id)).toMatchObject([
    { entry: { min_round: 2 } },
    { entry: { min_round: 2 } },
  ]);
  expect(await source.forgetDeleted(Date.now() - 60_000)).toBe(false);
  expect(await source.forgetDeleted(Date.now() + 1)).toBe(true);
  expect((await directory(identity.delivery_id)).at(-1)).toMatchObject({ entry: null });
  expect(await source.forgetDeleted(Date.now() + 1)).toBe(false);
});
