import { createTestDatabase, type TestDatabase } from "@waggle/testing";
import { RunningHealth } from "./running-health";
import { sql } from "./sql";

let database: TestDatabase;
let health: RunningHealth;

beforeAll(async () => {
  database = await createTestDatabase();
  health = await RunningHealth.withoutKafka(database.url);
});
afterAll(async () => {
  await health.stop();
  await database.drop();
});

interface Made {
  readonly id: string;
  readonly secret: string;
}

async function create(token: string, settings: object = {}): Promise<Made> {
  const body = { url: "https://api.acme.com/", events: ["*"], ...settings };
  const { id, secret } = await health.expect(201, "POST", "/v1/webhooks", { token, body });
  return { id: String(id), secret: String(secret) };
}

const secretOf = (token: string, { id }: Made) => health.expect(200, "GET", `/v1/webhooks/${id}/secret`, { token });
const share = (tenantId: string, shared_secret: boolean) =>
  health.expect(200, "PATCH", `/v1/tenants/${tenantId}`, { body: { shared_secret } });

it("is one for all webhooks of a buzzmark tenant, and another for each tenant", async () => {
  const [one, other] = [await health.tenant({ dialect: "buzzmark" }), await health.tenant({ dialect: "buzzmark" })];
  const first = await create(one.key);
  const second = await create(one.key, { dialect: "hiveku" });
  expect(first.secret).toMatch(/^whsec_/);
  expect(second.secret).toBe(first.secret);
  expect((await create(other.key)).secret).not.toBe(first.secret);
  expect(await secretOf(one.key, second)).toEqual({ secret: first.secret, shared: true });
});

it("is one for each webhook where sharing is off", async () => {
  for (const settings of [{ dialect: "buzzmark", shared_secret: false }, { dialect: "hiveku" }]) {
    const { key } = await health.tenant(settings);
    const [first, second] = [await create(key), await create(key)];
    expect(second.secret).not.toBe(first.secret);
    expect(await secretOf(key, first)).toEqual({ secret: first.secret, shared: false });
  }
});

it("is what the first webhook brings along", async () => {
  const { key } = await health.tenant({ dialect: "buzzmark" });
  const secret = "the hive's webhook secret";
  const first = await create(key, { secret });
  expect(first.secret).toBe(secret);
  expect((await create(key)).secret).toBe(secret);
  const same = await create(key, { secret });
  expect(await secretOf(key, same)).toEqual({ secret, shared: true });
});

it("stays what it is once webhooks sign with it; another one is the importing webhook's own", async () => {
  const { key } = await health.tenant({ dialect: "buzzmark" });
  const first = await create(key);
  const second = await create(key, { secret: "0123456789abcdef" });
  expect(await secretOf(key, second)).toEqual({ secret: "0123456789abcdef", shared: false });
  expect(await secretOf(key, first)).toEqual({ secret: first.secret, shared: true });
  expect((await create(key)).secret).toBe(first.secret);
});

it("becomes each webhook's own when sharing ends, so that receivers need no change", async () => {
  const { id, key } = await health.tenant({ dialect: "buzzmark" });
  const [first, second] = [await create(key), await create(key)];
  const own = await create(key, { secret: "0123456789abcdef" });
  expect(await share(id, false)).toMatchObject({ shared_secret: false });
  for (const webhook of [first, second, own]) {
    expect(await secretOf(key, webhook)).toEqual({ secret: webhook.secret, shared: false });
  }
  expect((await create(key)).secret).not.toBe(first.secret);
});

it("ends, and a tenant is deleted, in one go for thousands of webhooks", async () => {
  const { id, key } = await health.tenant({ dialect: "buzzmark" });
  const first = await create(key);
  const copies = `INSERT INTO webhooks SELECT (jsonb_populate_record(webhooks, jsonb_build_object('id', left(id, -4) || n))).*
    FROM webhooks, generate_series(1001, 4000) AS n WHERE id = $1`;
  await sql(database.url, copies, [first.id]);
  await share(id, false);
  const [last] = await sql(database.url, "SELECT max(id) AS id FROM webhooks WHERE tenant_id = $1", [id]);
  expect(await secretOf(key, { ...first, id: String(last?.id) })).toEqual({ secret: first.secret, shared: false });
  await health.expect(204, "DELETE", `/v1/tenants/${id}`);
  const deleted = "SELECT count(*)::integer AS webhooks FROM directory_deletions WHERE key LIKE 'webhook/%'";
  expect(await sql(database.url, deleted)).toEqual([{ webhooks: 3_001 }]);
});

it("begins with the webhooks made after it is turned on", async () => {
  const { id, key } = await health.tenant();
  const before = await create(key);
  expect(await share(id, true)).toMatchObject({ shared_secret: true });
  const [first, second] = [await create(key), await create(key)];
  expect(first.secret).toBe(second.secret);
  expect(first.secret).not.toBe(before.secret);
  expect(await secretOf(key, before)).toEqual({ secret: before.secret, shared: false });
});

it("is sealed for its owner, as are header values, in the tables and in what goes to Kafka", async () => {
  const { key } = await health.tenant({ dialect: "buzzmark" });
  const plain = "a-secret-nobody-else-sees";
  await create(key, { secret: plain, headers: { "X-Key": "a-header-nobody-sees" } });
  await create(key, { secret: `${plain}-2` });
  const tables = ["tenants", "api_keys", "webhooks", "secrets"];
  const dump = await Promise.all(tables.map((table) => sql(database.url, `SELECT * FROM ${table}`)));
  const outbox = await sql(
    database.url,
    "SELECT convert_from(key, 'UTF8') AS key, convert_from(value, 'UTF8') AS value FROM outbox",
  );
  const everything = JSON.stringify([dump, outbox]);
  for (const secret of [plain, "a-header-nobody-sees", key]) expect(everything).not.toContain(secret);
  expect(everything.match(/v1\.k1\.[\w-]+\.[\w-]+\.[\w-]+/g)?.length).toBeGreaterThanOrEqual(4);
});
