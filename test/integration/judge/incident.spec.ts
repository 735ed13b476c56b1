import { Database } from "@waggle/postgres";
import { createTestDatabase, type TestDatabase } from "@waggle/testing";
import { FailureJudge } from "../../../apps/health/src/judge/failure-judge";
import { IncidentWatch } from "../../../apps/health/src/judge/incidents/incident-watch";
import { Isolation } from "../../../apps/health/src/judge/isolation";
import { auditEntry } from "../../../apps/health/src/manage/audit/audit-entry";
import { PostgresIncidents } from "../../../apps/health/src/out/judge/incidents.postgres";
import { PostgresJudgedWebhooks } from "../../../apps/health/src/out/judge/judged-webhooks.postgres";
import { RunningHealth } from "../manage/running-health";
import { type OpenLog, openLog } from "../observe/open-log";
import { anAttempt, anIdentity } from "../observe/records";

jest.setTimeout(60_000);

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const silent = { info: () => {}, warn: () => {} };

let database: TestDatabase;
let databases: Database[];
let health: RunningHealth;
let log: OpenLog;
let tenant: { id: string; key: string };
/** 25 of them: 20 in an incident are more than a fifth. */
let webhooks: string[];
let time: number;

beforeEach(async () => {
  database = await createTestDatabase();
  health = await RunningHealth.withoutKafka(database.url);
  tenant = await health.tenant();
  databases = [1, 2].map(() => new Database({ url: database.url, logger: silent }));
  log = openLog(first());
  webhooks = [];
  for (let count = 0; count < 25; count++) {
    const body = { url: "https://api.acme.com/", events: ["*"] };
    webhooks.push(String((await health.expect(201, "POST", "/v1/webhooks", { token: tenant.key, body })).id));
  }
  time = Date.now() - 30 * HOUR;
});
afterEach(async () => {
  await health?.stop();
  await Promise.all((databases ?? []).map((each) => each.close()));
  await database?.drop();
});

function first(): Database {
  const [one] = databases;
  if (!one) throw new Error("there is no database");
  return one;
}

/** What each of two processes does at a time: it looks for incidents, then judges all that fails. */
async function sweep(): Promise<void> {
  await Promise.all(
    databases.map(async (each) => {
      await new IncidentWatch({ ...PARTS, store: new PostgresIncidents(each) }).watch();
      await judge(each);
    }),
  );
}

const PARTS = { timeScale: 1, now: () => time, logger: silent, onDisabled: () => {} };

/** Judges all that fails as somebody does before any sweep has looked for incidents. */
async function judge(on: Database): Promise<void> {
  const judged = new PostgresJudgedWebhooks(on, { now: () => time, mails: false });
  const failures = new FailureJudge({
    ...PARTS,
    webhooks: judged,
    incidents: new IncidentWatch({ ...PARTS, store: new PostgresIncidents(on) }),
    known: { everywhere: () => time },
    isolation: new Isolation({ logger: { error: () => {} }, onGivenUp: () => {} }),
  });
  for await (const page of judged.failing()) await failures.judge(page, () => time);
}

/** An attempt of each of these webhooks, decided at `time`. */
async function attempts(ids: readonly string[], failed: boolean): Promise<void> {
  const records = ids.map((webhook_id) =>
    anAttempt(anIdentity({ webhook_id, tenant_id: tenant.id, accepted_at: time - 1_000 }), {
      recorded_at: time,
      try: { at: time - 25, status_code: failed ? 500 : 200, error: failed ? "http_status" : null },
    }),
  );
  await log.attempts(...records);
}

async function openIncident() {
  const latest = await new PostgresIncidents(first()).latest();
  if (!latest) throw new Error("there never was an incident");
  return latest;
}

function ending(closed_by: "operator") {
  const audit = auditEntry("waggle", { at: time, tenant_id: null, action: "incident.closed", resource_id: "inc_1" });
  return { closed_at: time, closed_by, audit };
}

const incident = () => health.expect(200, "GET", "/v1/incident");
const disabledCount = async () => {
  const path = "/v1/webhooks?limit=200";
  const { items } = await health.expect(200, "GET", path, { token: tenant.key });
  return (Array.isArray(items) ? items : []).filter(({ status }) => status === "disabled").length;
};

test("an outage disables nobody; after a day it is over and failures count from then on", async () => {
  await attempts(webhooks, false);
  time += MINUTE;
  await attempts(webhooks.slice(0, 19), true);
  await sweep();
  expect(await incident()).toEqual({ open: false, incident: null });
  time += 3 * MINUTE;
  await attempts(webhooks.slice(19, 22), true);
  await sweep();
  expect(await incident()).toMatchObject({
    open: true,
    incident: { webhooks: 22, recovered: 0, closed_at: null, closed_by: null },
  });
  expect(await health.metric("waggle_disable_frozen")).toBe(1);
  const opened = time;
  time += 18 * HOUR + 5 * MINUTE;
  await attempts(webhooks.slice(0, 23), true);
  time = opened + 24 * HOUR - 1;
  await sweep();
  expect([await disabledCount(), (await incident()).open]).toEqual([0, true]);
  time = opened + 24 * HOUR;
  await sweep();
  expect(await incident()).toMatchObject({ open: false, incident: { webhooks: 23, closed_by: "time" } });
  expect(await disabledCount()).toBe(0);
  expect(await health.metric("waggle_disable_frozen")).toBe(0);
  const shown = await health.expect(200, "GET", `/v1/webhooks/${webhooks[0]}`, { token: tenant.key });
  expect(shown.failing_since).toBeNull();
});

test("it ends when half of its webhooks had a 2xx, and not for those that fail at other times", async () => {
  await attempts(webhooks.slice(0, 20), true);
  await sweep();
  time += MINUTE;
  await attempts(webhooks.slice(0, 9), false);
  await sweep();
  expect(await incident()).toMatchObject({ open: true, incident: { webhooks: 20, recovered: 9 } });
  const { id } = await openIncident();
  await attempts(webhooks.slice(9, 10), false);
  await sweep();
  expect(await incident()).toMatchObject({ open: false, incident: { recovered: 10, closed_by: "recovered" } });
  const audited = await health.expect(200, "GET", `/v1/audit-log?actor=waggle&resource_id=${id}`);
  expect(audited.items).toEqual([
    expect.objectContaining({ tenant_id: null, action: "incident.closed", after: { closed_by: "recovered" } }),
    expect.objectContaining({ tenant_id: null, action: "incident.opened" }),
  ]);
});

test("the operator closes it, once; nobody else gets to see it", async () => {
  await attempts(webhooks.slice(0, 20), true);
  await sweep();
  for (const [method, path] of [
    ["GET", "/v1/incident"],
    ["POST", "/v1/incident/close"],
  ] as const) {
    expect((await health.ask(method, path, { token: tenant.key })).status).toBe(403);
    expect((await health.ask(method, path, { token: null })).status).toBe(401);
  }
  const closed = await health.expect(200, "POST", "/v1/incident/close");
  expect(closed).toMatchObject({ open: false, incident: { closed_by: "operator" } });
  expect((await health.ask("POST", "/v1/incident/close")).body.code).toBe("conflict");
});

test.each(["operator", "time"])("closed by %s, it does not open again by what it left behind", async (by) => {
  await attempts(webhooks, true);
  await sweep();
  expect((await incident()).open).toBe(true);
  time += HOUR;
  if (by === "operator") {
    // The API closes it by the clock, and nobody fails in the future.
    await new PostgresIncidents(first()).end(await openIncident(), ending("operator"));
  } else {
    time += 23 * HOUR;
    await sweep();
  }
  expect(await incident()).toMatchObject({ open: false, incident: { closed_by: by, webhooks: 25, recovered: 0 } });
  time += MINUTE;
  await attempts(webhooks, true);
  await sweep();
  expect((await incident()).open).toBe(false);
  time += 18 * HOUR;
  await attempts(webhooks.slice(0, 2), true);
  time += 6 * HOUR;
  await sweep();
  expect([await disabledCount(), (await incident()).open]).toEqual([2, false]);
  await attempts(webhooks.slice(2), false);
  time += MINUTE;
  await attempts(webhooks.slice(2), true);
  await sweep();
  expect(await incident()).toMatchObject({ open: true, incident: { webhooks: 23 } });
});

test.each([2, 25])("an outage that is known only %d h later disables nobody either", async (hours) => {
  const began = time;
  await attempts(webhooks, true);
  time = began + 18.2 * HOUR;
  await attempts(webhooks, true);
  time = began + hours * HOUR;
  if (hours < 24) await sweep();
  else await judge(first());
  expect(await incident()).toMatchObject({ open: true, incident: { webhooks: 25 } });
  time = began + 25 * HOUR;
  await sweep();
  expect([await disabledCount(), (await incident()).open]).toEqual([0, true]);
});

test("one that succeeded and failed again has not recovered; those that were disabled are out of it", async () => {
  const [gone, ...others] = webhooks;
  await attempts(webhooks, true);
  await sweep();
  time += MINUTE;
  await attempts(others.slice(0, 12), false);
  time += MINUTE;
  await attempts(others.slice(0, 12), true);
  await sweep();
  expect(await incident()).toMatchObject({ open: true, incident: { webhooks: 25, recovered: 0 } });
  await health.expect(200, "POST", `/v1/webhooks/${gone}/disable`, { token: tenant.key });
  time += MINUTE;
  await attempts(others.slice(0, 12), false);
  await sweep();
  expect(await incident()).toMatchObject({
    open: false,
    incident: { webhooks: 24, recovered: 12, closed_by: "recovered" },
  });
});

test("fewer webhooks are not protected", async () => {
  await attempts(webhooks.slice(0, 19), true);
  await sweep();
  time += 18 * HOUR;
  await attempts(webhooks.slice(0, 19), true);
  time += 6 * HOUR;
  await sweep();
  expect(await disabledCount()).toBe(19);
});
