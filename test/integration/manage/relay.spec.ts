import type { DirectoryRecord, WebhookEntry } from "@waggle/contracts";
import { createSecretBox, tenantAad, webhookAad } from "@waggle/secrets";
import { createTestDatabase, eventually, type TestDatabase } from "@waggle/testing";
import { PostgresProxy } from "../observe/postgres-proxy";
import { DirectoryLog } from "./directory-log";
import { type PrivateKafka, startPrivateKafka } from "./private-kafka";
import { RunningHealth, SECRETS_KEYS } from "./running-health";
import { sql } from "./sql";

jest.setTimeout(120_000);

let kafka: PrivateKafka;
let log: DirectoryLog;
let database: TestDatabase;
let health: RunningHealth;
let tenant: { id: string; key: string };

beforeAll(async () => {
  [kafka, database] = await Promise.all([startPrivateKafka(), createTestDatabase()]);
  log = await DirectoryLog.open(kafka);
  health = await RunningHealth.start(database.url, kafka.broker.brokers);
  tenant = await health.tenant();
});
afterAll(async () => {
  await health?.stop();
  await log?.close();
  await kafka?.broker.close();
  await database?.drop();
});

const webhook = { url: "https://api.acme.com/", events: ["*"] };

async function create(settings: object = {}): Promise<string> {
  const body = { ...webhook, ...settings };
  return String((await health.expect(201, "POST", "/v1/webhooks", { token: tenant.key, body })).id);
}

function change(id: string, body: object) {
  return health.expect(200, "PATCH", `/v1/webhooks/${id}`, { token: tenant.key, body });
}

const outboxIsEmpty = () =>
  eventually("an empty outbox", async () => (await sql(database.url, "SELECT FROM outbox")).length === 0, 20_000);
const versionOf = async (id: string) =>
  Number((await sql(database.url, "SELECT version FROM webhooks WHERE id = $1", [id]))[0]?.version);
const isLive = (entry: DirectoryRecord["entry"]) => entry?.deleted === false;

it("tells the data plane all it takes to match, sign and send", async () => {
  const settings = {
    events: ["complaint", "*", "inbound"],
    tags: ["a"],
    headers: { "X-Key": "value" },
    timeout_ms: 5_000,
    max_in_flight: 3,
    max_per_second: 7,
    retry_delays_s: [1, 2],
    secret: "0123456789abcdef",
  };
  const id = await create(settings);
  const entry = await log.until(`webhook/${id}`, isLive);
  const { body } = await health.ask("GET", `/v1/webhooks/${id}`);
  expect(entry).toEqual({
    version: await versionOf(id),
    deleted: false,
    id,
    tenant_id: tenant.id,
    url: webhook.url,
    event_types: ["delivery", "bounce", "complaint", "open", "click", "inbound"],
    tags: ["a"],
    dialect: "hiveku",
    status: "enabled",
    disabled_reason: null,
    created_at: Date.parse(String(body.created_at)),
    secrets: [{ sealed: expect.any(String), expires_at: null }],
    headers: [{ name: "X-Key", sealed: expect.any(String) }],
    timeout_ms: 5_000,
    max_in_flight: 3,
    max_per_second: 7,
    retry_delays_s: [1, 2],
  });
  const box = createSecretBox(SECRETS_KEYS);
  const sealed = entry as WebhookEntry;
  expect(box.open(sealed.secrets[0]?.sealed ?? "", webhookAad(tenant.id, id))).toBe("0123456789abcdef");
  expect(box.open(sealed.headers[0]?.sealed ?? "", webhookAad(tenant.id, id))).toBe("value");
});

it("tells of keys by their hash, and of shared secrets with the tenant", async () => {
  const buzzmark = await health.tenant({ dialect: "buzzmark" });
  const entry = await log.until(`tenant/${buzzmark.id}`, isLive);
  if (!("secrets" in entry)) throw new Error("this is no tenant");
  const body = { ...webhook, tags: [] };
  const { id, secret } = await health.expect(201, "POST", "/v1/webhooks", { token: buzzmark.key, body });
  expect(createSecretBox(SECRETS_KEYS).open(entry.secrets[0]?.sealed ?? "", tenantAad(buzzmark.id))).toBe(secret);
  expect(await log.until(`webhook/${id}`, isLive)).toMatchObject({ secrets: [] });
  const [row] = await sql(database.url, "SELECT id, key_hash FROM api_keys WHERE tenant_id = $1", [buzzmark.id]);
  expect(await log.until(`api-key/${row?.key_hash}`, isLive)).toMatchObject({
    id: row?.id,
    tenant_id: buzzmark.id,
    scopes: ["manage"],
    expires_at: null,
  });
});

it("is woken by a change, not by its poll", async () => {
  const times: number[] = [];
  for (let i = 0; i < 10; i++) {
    const startedAt = performance.now();
    await log.until(`webhook/${await create()}`, isLive);
    times.push(performance.now() - startedAt);
  }
  expect(Math.min(...times)).toBeLessThan(500);
});

it("writes the changes of one thing in the order of their commits, each once, and empties the outbox", async () => {
  const id = await create();
  const urls = Array.from({ length: 40 }, (_, i) => `https://api.acme.com/${i}`);
  await Promise.all(urls.map((url) => change(id, { url })));
  const { body } = await health.ask("GET", `/v1/webhooks/${id}`);
  await log.until(`webhook/${id}`, (entry) => entry !== null && "url" in entry && entry.url === body.url);
  await outboxIsEmpty();
  const versions = log.entries(`webhook/${id}`).map((entry) => entry?.version ?? 0);
  expect(versions).toHaveLength(41);
  expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
  expect(await health.metric("waggle_outbox_oldest_seconds")).toBe(0);
});

it("loses nothing while Kafka hangs: changes are taken and wait", async () => {
  kafka.broker.freeze();
  const ids: string[] = [];
  for (let i = 0; i < 5; i++) ids.push(await create());
  for (const id of ids) await change(id, { description: "changed meanwhile" });
  await eventually("a waiting outbox", async () => (await health.metric("waggle_outbox_oldest_seconds")) > 1);
  expect(log.entries(`webhook/${ids[0]}`)).toEqual([]);
  kafka.broker.thaw();
  for (const id of ids) {
    const version = await versionOf(id);
    await log.until(`webhook/${id}`, (entry) => entry?.version === version);
  }
  await outboxIsEmpty();
  expect(await health.isReady()).toBe(true);
});

it("publishes again what was overtaken by an older record, which compaction would keep", async () => {
  const id = await create();
  const old = await log.until(`webhook/${id}`, isLive);
  await change(id, { url: "https://new.acme.com/" });
  const newer = await log.until(`webhook/${id}`, (entry) => (entry?.version ?? 0) > old.version);
  await log.write({ kind: "webhook", id, entry: old } as DirectoryRecord);
  const last = await log.until(`webhook/${id}`, (entry) => (entry?.version ?? 0) > newer.version);
  expect(last).toMatchObject({ url: "https://new.acme.com/", version: await versionOf(id) });
});

describe("with a second process", () => {
  let second: RunningHealth;

  beforeAll(async () => {
    second = await RunningHealth.start(database.url, kafka.broker.brokers);
  });
  afterAll(() => second.stop());

  it("relays in one of them only", async () => {
    const before = log.records.length;
    const ids = await Promise.all(Array.from({ length: 20 }, () => create()));
    for (const id of ids) await log.until(`webhook/${id}`, isLive);
    await outboxIsEmpty();
    expect(log.records.length - before).toBe(20);
    const held =
      "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND objid = 7100002 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    expect(await sql(database.url, held)).toHaveLength(1);
    expect([await health.isReady(), await second.isReady()]).toEqual([true, true]);
  });

  it("goes on after the relaying connection was ended, whoever it is then", async () => {
    await sql(
      database.url,
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'waggle-relay' AND datname = current_database()",
    );
    expect(await log.until(`webhook/${await create()}`, isLive)).toMatchObject({ tenant_id: tenant.id });
  });

  it("goes on in the second when the first stops", async () => {
    const id = await create();
    await health.stop();
    health = second;
    await log.until(`webhook/${id}`, isLive);
    await change(id, { description: "by the second" });
    const version = await versionOf(id);
    await log.until(`webhook/${id}`, (entry) => entry?.version === version);
    second = await RunningHealth.start(database.url, kafka.broker.brokers);
  });
});

it("is ready again by itself after PostgreSQL was away", async () => {
  const proxy = await PostgresProxy.to(database.url);
  const behind = await RunningHealth.start(proxy.url, kafka.broker.brokers);
  expect(await behind.isReady()).toBe(true);
  for (const how of ["cut", "freeze"] as const) {
    proxy[how]();
    await eventually("notice", async () => !(await behind.isReady()), 15_000);
    proxy.open();
    await eventually("readiness", () => behind.isReady(), 15_000);
  }
  await behind.stop();
  await proxy.close();
});
