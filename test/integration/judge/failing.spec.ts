import { setTimeout as sleep } from "node:timers/promises";
import { type AttemptRecord, encodeAttempt, WEBHOOK_ATTEMPTS } from "@waggle/contracts";
import { createTestDatabase, eventually, type TestDatabase } from "@waggle/testing";
import { type PrivateKafka, startPrivateKafka } from "../manage/private-kafka";
import { RunningHealth } from "../manage/running-health";
import { sql } from "../manage/sql";
import { PostgresProxy } from "../observe/postgres-proxy";
import { anAttempt, anIdentity } from "../observe/records";
import { Mailbox } from "./mailbox";

jest.setTimeout(120_000);

/** A day of judging takes 6 s: warnings after 0.25 and 3 s, failures must span 4.5 s. */
const TIME_SCALE = 14_400;
const DAY_MS = 86_400_000 / TIME_SCALE;

let kafka: PrivateKafka;
let database: TestDatabase;
let proxy: PostgresProxy;
let mailbox: Mailbox;
/** Two processes, so that whatever is done twice is seen. */
let healths: RunningHealth[];
let tenant: { id: string; key: string };

const first = (): RunningHealth => {
  const [health] = healths;
  if (!health) throw new Error("health does not run");
  return health;
};

beforeAll(async () => {
  [kafka, database, mailbox] = await Promise.all([startPrivateKafka(), createTestDatabase(), Mailbox.open()]);
  proxy = await PostgresProxy.to(database.url);
  const environment = { TIME_SCALE: String(TIME_SCALE), SMTP_ALERT_URL: mailbox.url, ALERT_FROM: "waggle@acme.com" };
  healths = [];
  for (const _ of [1, 2]) healths.push(await RunningHealth.start(proxy.url, kafka.broker.brokers, environment));
  tenant = await first().tenant({ alert_email: "ops@acme.com" });
});
afterAll(async () => {
  await Promise.all((healths ?? []).map((health) => health.stop()));
  await proxy?.close();
  await mailbox?.close();
  await kafka?.broker.close();
  await database?.drop();
});

async function create(settings: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const body = { url: "https://api.acme.com/", events: ["*"], ...settings };
  return String((await first().expect(201, "POST", "/v1/webhooks", { token: tenant.key, body })).id);
}

const shown = (id: string) => first().expect(200, "GET", `/v1/webhooks/${id}`, { token: tenant.key });

async function history(id: string): Promise<{ action: string; details: Record<string, unknown> }[]> {
  const { items } = await first().expect(200, "GET", `/v1/webhooks/${id}/history`, { token: tenant.key });
  return Array.isArray(items) ? items : [];
}

interface Made {
  readonly test?: boolean;
  /** Milliseconds since the epoch; by default now. */
  readonly decidedAt?: number;
}

async function send(id: string, statusCode: number, { test = false, decidedAt = Date.now() }: Made = {}) {
  const identity = anIdentity({ webhook_id: id, tenant_id: tenant.id, test });
  const failed = statusCode !== 200;
  const record: AttemptRecord = anAttempt(identity, {
    recorded_at: decidedAt,
    try: { at: decidedAt - 25, status_code: statusCode, error: failed ? "http_status" : null },
    state: failed ? { status: "pending", next_attempt_at: decidedAt + 30_000 } : {},
  });
  const producer = kafka.client.producer();
  await producer.connect();
  const { key, value } = encodeAttempt(record);
  await producer.send({ topic: WEBHOOK_ATTEMPTS, messages: [{ key, value }] });
  await producer.disconnect();
  return record;
}

/** Sends an attempt, and resolves when it is in the log. */
async function attempt(id: string, statusCode: number, made?: Made): Promise<void> {
  const { try_id } = await send(id, statusCode, made);
  await eventually("the attempt in the log", async () => {
    return (await sql(database.url, "SELECT FROM attempts WHERE try_id = $1", [try_id])).length > 0;
  });
}

const disabled = (id: string) => async () => (await shown(id)).status === "disabled";

test("a day of failures: it is warned about, then disabled, which is told and recorded once by two processes", async () => {
  const id = await create();
  const began = Date.now();
  await attempt(id, 500);
  await eventually("the longer warning", () => mailbox.about(id).some((it) => it.includes("for 12 hours")));
  await sleep(Math.max(0, began + 0.8 * DAY_MS - Date.now()));
  await attempt(id, 503);
  const { failing_since } = await shown(id);
  expect(Date.parse(String(failing_since))).toBeGreaterThanOrEqual(began);
  await eventually("it to be disabled", disabled(id), 20_000);
  expect(Date.now() - Date.parse(String(failing_since))).toBeGreaterThanOrEqual(DAY_MS);
  expect(await shown(id)).toMatchObject({ disabled_reason: "failing", failing_since });
  await eventually("the mail about it", () => mailbox.about(id).some((it) => it.includes("was disabled")));
  const told = mailbox.about(id);
  // Whether the shorter warning was given depends on how soon the first failure was looked at.
  expect(told.slice(-2)).toEqual([
    `[waggle] Webhook ${id} has been failing for 12 hours`,
    `[waggle] Webhook ${id} was disabled after failing for 24 hours`,
  ]);
  const entries = await history(id);
  expect(entries.map(({ action }) => action)).toEqual(["disabled", ...told.slice(1).map(() => "warned"), "created"]);
  expect(entries[0]?.details).toMatchObject({ reason: "failing", failing_since, failures: 2, disable_after_s: 86_400 });
  const counts = healths.map((health) => health.metric('waggle_webhooks_disabled_total{reason="failing"}'));
  expect((await Promise.all(counts)).reduce((sum, count) => sum + count, 0)).toBe(1);
  const mail = mailbox.mails.find(({ subject }) => subject.includes(`${id} was disabled`));
  expect(mail?.to).toEqual(["ops@acme.com"]);
  expect(mail?.source).toContain("text/html");
  expect(mail?.source).toContain("https://api.acme.com/");
});

test("a webhook that was enabled again is judged by what fails afterwards", async () => {
  const id = await create();
  await attempt(id, 500);
  await eventually("a warning", async () => (await history(id))[0]?.action === "warned");
  await first().expect(200, "POST", `/v1/webhooks/${id}/disable`, { token: tenant.key });
  await first().expect(200, "POST", `/v1/webhooks/${id}/enable`, { token: tenant.key });
  expect((await shown(id)).failing_since).toBeNull();
  await attempt(id, 500);
  await eventually("a warning again", async () => (await history(id))[0]?.action === "warned");
  expect((await history(id)).map(({ action }) => action).slice(0, 3)).toEqual(["warned", "enabled", "disabled"]);
});

test("one failure is no evidence, a test is none, and a webhook without a window stays", async () => {
  const [once, tested, never] = [await create(), await create(), await create({ disable_after_s: 0 })];
  const control = await create();
  for (const id of [once, never, never, control]) await attempt(id, 500);
  await attempt(tested, 500, { test: true });
  await sleep(0.8 * DAY_MS);
  await attempt(tested, 500, { test: true });
  await attempt(never, 500);
  // It began last, so when its time is over that of the others is too.
  await attempt(control, 500);
  await eventually("the webhook that deserves it to be disabled", disabled(control), 30_000);
  for (const id of [once, tested, never]) expect(await shown(id)).toMatchObject({ status: "enabled" });
  expect(mailbox.about(tested)).toEqual([]);
  expect((await shown(tested)).failing_since).toBeNull();
  expect(mailbox.mails.find(({ subject }) => subject.includes(never))?.source).toContain("not disabled automatically");
});

test("a webhook that was warned about and gets a 2xx has recovered; a server that refuses gets the mail again", async () => {
  const id = await create();
  mailbox.refusals.push({ responseCode: 451 });
  await attempt(id, 500);
  await eventually("the warning", () => mailbox.about(id).length > 0);
  await attempt(id, 200);
  await eventually("the recovery", () => mailbox.about(id).some((it) => it.endsWith("has recovered")));
  expect(await shown(id)).toMatchObject({ status: "enabled", failing_since: null });
  expect((await history(id))[0]).toMatchObject({ action: "recovered" });
});

test("while PostgreSQL is away nobody is disabled; the successes that waited in Kafka are judged first", async () => {
  const id = await create({ disable_after_s: (36_000 / DAY_MS) * 86_400 });
  const now = Date.now();
  await attempt(id, 500, { decidedAt: now - 30_000 });
  await attempt(id, 500, { decidedAt: now });
  await eventually("a warning", async () => (await history(id))[0]?.action === "warned");
  proxy.cut();
  await send(id, 200, { decidedAt: now + 1 });
  await sleep(Math.max(0, now + 7_000 - Date.now()));
  proxy.open();
  await eventually("the success to be judged", async () => (await history(id))[0]?.action === "recovered", 30_000);
  expect((await history(id)).map(({ action }) => action)).not.toContain("disabled");
});
