import type { AttemptRecord, DirectoryRecord } from "@waggle/contracts";
import { encodeAttempt, WEBHOOK_ATTEMPTS } from "@waggle/contracts";
import { Database } from "@waggle/postgres";
import { createTestDatabase, eventually, type TestDatabase } from "@waggle/testing";
import { Client } from "pg";
import { AttemptJudge } from "../../../apps/health/src/judge/attempt-judge";
import { attemptEntry } from "../../../apps/health/src/observe/log-entry";
import { PostgresJudgedWebhooks } from "../../../apps/health/src/out/judge/judged-webhooks.postgres";
import { DirectoryLog } from "../manage/directory-log";
import { type PrivateKafka, startPrivateKafka } from "../manage/private-kafka";
import { RunningHealth } from "../manage/running-health";
import { sql } from "../manage/sql";
import { openLog } from "../observe/open-log";
import { PostgresProxy } from "../observe/postgres-proxy";
import { anAttempt, anEnd, anIdentity } from "../observe/records";

jest.setTimeout(120_000);

const ATTEMPTS_GROUP = "waggle-health-attempts";
const GONE_COUNT = 'waggle_webhooks_disabled_total{reason="gone"}';
const silent = { info: () => {}, warn: () => {} };

let kafka: PrivateKafka;
let log: DirectoryLog;
let database: TestDatabase;
let proxy: PostgresProxy;
let health: RunningHealth;
let tenant: { id: string; key: string };

beforeAll(async () => {
  [kafka, database] = await Promise.all([startPrivateKafka(), createTestDatabase()]);
  log = await DirectoryLog.open(kafka);
  proxy = await PostgresProxy.to(database.url);
  health = await RunningHealth.start(proxy.url, kafka.broker.brokers);
  tenant = await health.tenant({ alert_email: "ops@acme.com" });
});
afterAll(async () => {
  await health?.stop();
  await proxy?.close();
  await log?.close();
  await kafka?.broker.close();
  await database?.drop();
});

/** A webhook as the directory has it: the version is what a dispatcher makes its attempts with. */
async function create(): Promise<{ id: string; version: number }> {
  const body = { url: "https://api.acme.com/", events: ["*"] };
  const { id } = await health.expect(201, "POST", "/v1/webhooks", { token: tenant.key, body });
  return { id: String(id), version: (await directoryEntry(String(id), () => true)).version };
}

function directoryEntry(id: string, wanted: (entry: DirectoryRecord["entry"]) => boolean) {
  return log.until(`webhook/${id}`, wanted);
}

/** Those that were published; the same record may come twice. */
const versions = (id: string) => [...new Set(log.entries(`webhook/${id}`).map((entry) => entry?.version))];

const change = (id: string, action: "enable" | "disable") =>
  health.expect(200, "POST", `/v1/webhooks/${id}/${action}`, { token: tenant.key });
const shown = (id: string) => health.expect(200, "GET", `/v1/webhooks/${id}`, { token: tenant.key });
const untilGone = (id: string) =>
  eventually(`${id} to be disabled`, async () => (await shown(id)).disabled_reason === "gone", 30_000);

/** The attempt that a webhook answered 410. */
function a410(
  webhook: { id: string; version: number },
  { tenant_id = tenant.id, test = false }: { tenant_id?: string; test?: boolean } = {},
): AttemptRecord {
  return anAttempt(anIdentity({ webhook_id: webhook.id, tenant_id, test }), {
    webhook_version: webhook.version,
    try: { status_code: 410, error: "http_status" },
    state: { status: "exhausted", reason: test ? "attempts_used" : "gone" },
  });
}

async function send(...attempts: AttemptRecord[]): Promise<void> {
  const producer = kafka.client.producer();
  await producer.connect();
  const messages = attempts.map(encodeAttempt).map(({ key, value }) => ({ key, value }));
  await producer.send({ topic: WEBHOOK_ATTEMPTS, messages });
  await producer.disconnect();
}

const logged = (attempt: AttemptRecord) =>
  eventually("the attempt in the log", async () => {
    const rows = await sql(database.url, "SELECT FROM deliveries WHERE delivery_id = $1", [attempt.delivery_id]);
    return rows.length > 0;
  });

/** Sends attempts, and resolves when they were judged: one that was logged after them has been. */
async function judged(...attempts: AttemptRecord[]): Promise<void> {
  const marker = await create();
  await send(...attempts);
  for (const attempt of attempts) await logged(attempt);
  await send(a410(marker));
  await untilGone(marker.id);
}

test("a 410 disables the webhook, and the data plane is told under a higher version", async () => {
  const webhook = await create();
  const before = await health.metric(GONE_COUNT);
  await send(a410(webhook), a410(webhook));
  await untilGone(webhook.id);
  expect(await shown(webhook.id)).toMatchObject({ status: "disabled", disabled_reason: "gone" });
  const entry = await directoryEntry(webhook.id, (it) => it?.version !== webhook.version);
  expect(entry).toMatchObject({ status: "disabled", disabled_reason: "gone", tenant_id: tenant.id });
  expect(entry.version).toBeGreaterThan(webhook.version);
  expect(await health.metric(GONE_COUNT)).toBe(before + 1);
  const audited = await health.expect(200, "GET", `/v1/audit-log?actor=waggle&resource_id=${webhook.id}`);
  expect(audited.items).toEqual([
    expect.objectContaining({
      tenant_id: tenant.id,
      action: "webhook.disabled",
      before: { status: "enabled", disabled_reason: null },
      after: { status: "disabled", disabled_reason: "gone" },
    }),
  ]);
});

test("a webhook that is deleted, or was disabled by hand, stays what it is", async () => {
  const [deleted, byHand] = [await create(), await create()];
  await health.expect(204, "DELETE", `/v1/webhooks/${deleted.id}`, { token: tenant.key });
  await change(byHand.id, "disable");
  const { version } = await directoryEntry(byHand.id, (it) => it?.version !== byHand.version);
  await judged(a410(deleted), a410({ ...byHand, version }));
  expect((await health.ask("GET", `/v1/webhooks/${deleted.id}`, { token: tenant.key })).status).toBe(404);
  expect(await shown(byHand.id)).toMatchObject({ status: "disabled", disabled_reason: "manual" });
  expect(log.entries(`webhook/${deleted.id}`).at(-1)).toMatchObject({ deleted: true });
});

test("nothing else disables: an older version's 410, a test's, another tenant's, other ends", async () => {
  const webhook = await create();
  const body = { url: "https://moved.acme.com/" };
  await health.expect(200, "PATCH", `/v1/webhooks/${webhook.id}`, { token: tenant.key, body });
  const moved = await directoryEntry(webhook.id, (it) => it?.version !== webhook.version);
  const now = { id: webhook.id, version: moved.version };
  const identity = anIdentity({ webhook_id: webhook.id, tenant_id: tenant.id });
  await judged(
    a410(webhook),
    a410(now, { test: true }),
    { ...a410(now), test: true },
    a410(now, { tenant_id: "ten_another" }),
    anEnd(identity, { webhook_version: now.version }),
    anAttempt(anIdentity(identity), { webhook_version: now.version, state: { status: "pending" } }),
  );
  expect(await shown(webhook.id)).toMatchObject({ status: "enabled", disabled_reason: null });
  expect(versions(webhook.id)).toHaveLength(2);
});

test("PostgreSQL cut off between log and judgement: the attempt is not done before the webhook is disabled", async () => {
  const webhook = await create();
  const before = await health.metric(GONE_COUNT);
  const lag = () => health.metric(`waggle_consumer_lag_records{group="${ATTEMPTS_GROUP}",topic="${WEBHOOK_ATTEMPTS}"}`);
  const holder = new Client({ connectionString: database.url });
  await holder.connect();
  await holder.query("BEGIN");
  await holder.query("SELECT FROM webhooks WHERE id = $1 FOR UPDATE", [webhook.id]);
  const attempt = a410(webhook);
  await send(attempt);
  await logged(attempt);
  await eventually("the judgement to wait for the webhook", async () => {
    const waiting = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    return (await sql(database.url, waiting)).length > 0;
  });
  expect(await lag()).toBeGreaterThan(0);
  proxy.cut();
  await holder.query("ROLLBACK");
  await holder.end();
  const [row] = await sql(database.url, "SELECT status FROM webhooks WHERE id = $1", [webhook.id]);
  expect(row).toEqual({ status: "enabled" });
  proxy.open();
  await untilGone(webhook.id);
  await eventually("the attempt to be done", async () => (await lag()) === 0);
  expect(await health.metric(GONE_COUNT)).toBe(before + 1);
});

test("several processes that judge the same attempt disable the webhook once", async () => {
  const webhook = await create();
  const counted: string[] = [];
  const databases = [1, 2, 3].map(() => new Database({ url: database.url, logger: silent }));
  const entries = [attemptEntry(a410(webhook))];
  await Promise.all(
    databases.map((each) =>
      new AttemptJudge({
        webhooks: new PostgresJudgedWebhooks(each, { now: Date.now, mails: true }),
        failures: { judge: async () => {} },
        isolation: { each: (_, work) => work() },
        now: Date.now,
        logger: silent,
        onDisabled: (reason) => counted.push(reason),
      }).judge(entries),
    ),
  );
  await Promise.all(databases.map((each) => each.close()));
  expect(counted).toEqual(["gone"]);
  await directoryEntry(webhook.id, (it) => it?.version !== webhook.version);
  expect(versions(webhook.id)).toHaveLength(2);
  const mails = await sql(database.url, "SELECT recipient, subject FROM alert_mails");
  expect(mails).toEqual([{ recipient: "ops@acme.com", subject: expect.stringContaining("was disabled") }]);
  const { items } = await health.expect(200, "GET", `/v1/webhooks/${webhook.id}/history`, { token: tenant.key });
  expect(items).toMatchObject([
    {
      action: "disabled",
      by: { kind: "waggle", key_id: null },
      details: { reason: "gone", delivery_id: entries[0]?.identity.delivery_id },
    },
    { action: "created" },
  ]);
});

test("an attempt that was stored by a process that died before it judged is judged by the next", async () => {
  const webhook = await create();
  const record = a410(webhook);
  const dead = new Database({ url: database.url, logger: silent });
  await openLog(dead).attempts(record);
  await dead.close();
  await send(record);
  await untilGone(webhook.id);
});

test("a webhook that was enabled since stays so when the attempts are read again from the beginning", async () => {
  const webhook = await create();
  await send(a410(webhook));
  await untilGone(webhook.id);
  await change(webhook.id, "enable");
  await eventually("all three of its versions", () => versions(webhook.id).length === 3);
  await health.stop();
  const admin = kafka.client.admin();
  await admin.connect();
  await admin.deleteGroups([ATTEMPTS_GROUP]);
  await admin.disconnect();
  health = await RunningHealth.start(proxy.url, kafka.broker.brokers);
  await judged();
  expect(await shown(webhook.id)).toMatchObject({ status: "enabled", disabled_reason: null });
  expect(versions(webhook.id)).toHaveLength(3);
  expect(await health.metric(GONE_COUNT)).toBe(1);
});
