import { createTestDatabase, type TestDatabase } from "@waggle/testing";
import { RunningHealth, wrongFields } from "./running-health";
import { sql } from "./sql";

let database: TestDatabase;
let health: RunningHealth;
let tenant: { id: string; key: string };

beforeAll(async () => {
  database = await createTestDatabase();
  health = await RunningHealth.withoutKafka(database.url, {
    INBOUND_DOMAIN: "in.acme.com",
    MAX_INBOUND_ADDRESSES_PER_TENANT: "3",
  });
});
beforeEach(async () => {
  tenant = await health.tenant();
});
afterAll(async () => {
  await health.stop();
  await database.drop();
});

const create = (body?: unknown, headers: Readonly<Record<string, string>> = {}) =>
  health.ask("POST", "/v1/inbound-addresses", { token: tenant.key, body, headers });
const remove = (hash: unknown, token = tenant.key) => health.ask("DELETE", `/v1/inbound-addresses/${hash}`, { token });

async function addressesOf(id: unknown): Promise<Record<string, unknown>[]> {
  const page = await health.expect(200, "GET", `/v1/inbound-addresses?tenant_id=${id}`);
  return Array.isArray(page.items) ? page.items : [];
}

/** What the directory is told of an address, oldest first. */
async function announced(hash: unknown): Promise<unknown[]> {
  const rows = await sql(database.url, "SELECT value FROM outbox WHERE key = $1 ORDER BY version", [
    Buffer.from(`inbound/${hash}`),
  ]);
  return rows.map(({ value }) => JSON.parse(String(value)));
}

it("makes an address that nobody guesses, and tells the directory", async () => {
  const { status, body } = await create({ name: "support" });
  expect(status).toBe(201);
  expect(body).toEqual({
    hash: expect.stringMatching(/^[a-z2-7]{32}$/),
    address: `${body.hash}@in.acme.com`,
    tenant_id: tenant.id,
    name: "support",
    created_at: expect.any(String),
  });
  expect(await addressesOf(tenant.id)).toEqual([body]);
  expect(await announced(body.hash)).toMatchObject([{ deleted: false, hash: body.hash, tenant_id: tenant.id }]);
});

it("needs no name, and no body", async () => {
  expect(await create()).toMatchObject({ status: 201, body: { name: null } });
  expect(await create({})).toMatchObject({ status: 201, body: { name: null } });
});

it.each([[{ name: "" }], [{ name: "x".repeat(129) }], [{ name: 1 }]])("refuses %j", async (body) => {
  const answer = await create(body);
  expect(answer.status).toBe(422);
  expect(new Set(wrongFields(answer))).toEqual(new Set(["/name"]));
});

it("makes one address for a request that is sent twice", async () => {
  const headers = { "idempotency-key": `address-${tenant.id}` };
  const first = await create({ name: "a" }, headers);
  const second = await create({ name: "a" }, headers);
  expect(second.body).toEqual(first.body);
  expect(second.headers.get("idempotency-replayed")).toBe("true");
  expect(await addressesOf(tenant.id)).toHaveLength(1);
});

it("takes as many as a tenant may have", async () => {
  for (let made = 0; made < 3; made++) expect((await create()).status).toBe(201);
  expect(await create()).toMatchObject({ status: 409, body: { code: "limit_reached" } });
});

it("deletes an address, tells the directory, and records both", async () => {
  const { body } = await create({ name: "old" });
  expect((await remove(body.hash)).status).toBe(204);
  expect((await remove(body.hash)).status).toBe(404);
  expect(await addressesOf(tenant.id)).toEqual([]);
  expect(await announced(body.hash)).toMatchObject([{ deleted: false }, { deleted: true }]);
  const { items } = await health.expect(200, "GET", `/v1/audit-log?resource_id=${body.hash}`);
  expect(items).toMatchObject([
    { action: "inbound_address.deleted", before: { name: "old" }, after: null },
    { action: "inbound_address.created", before: null, after: { name: "old" } },
  ]);
});

it("shows and deletes nothing of another tenant", async () => {
  const { body } = await create();
  const other = await health.tenant();
  expect((await remove(body.hash, other.key)).status).toBe(404);
  const { items } = await health.expect(200, "GET", "/v1/inbound-addresses", { token: other.key });
  expect(items).toEqual([]);
  expect(await addressesOf(tenant.id)).toHaveLength(1);
});

it("gives a buzzmark tenant an address at once, and one that becomes a buzzmark tenant", async () => {
  const born = await health.expect(201, "POST", "/v1/tenants", { body: { name: "Hive", dialect: "buzzmark" } });
  expect(await addressesOf(born.id)).toHaveLength(1);
  expect(await addressesOf(tenant.id)).toHaveLength(0);
  const change = (dialect: string) => health.expect(200, "PATCH", `/v1/tenants/${tenant.id}`, { body: { dialect } });
  for (const dialect of ["buzzmark", "standard", "buzzmark"]) await change(dialect);
  expect(await addressesOf(tenant.id)).toHaveLength(1);
});

it("goes with its tenant", async () => {
  const { body } = await create();
  await health.expect(204, "DELETE", `/v1/tenants/${tenant.id}`);
  expect(await announced(body.hash)).toMatchObject([{ deleted: false }, { deleted: true }]);
});
