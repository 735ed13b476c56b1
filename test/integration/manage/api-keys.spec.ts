import { createHash } from "node:crypto";
import { createTestDatabase, eventually, type TestDatabase } from "@waggle/testing";
import { RunningHealth, wrongFields } from "./running-health";
import { sql } from "./sql";

let database: TestDatabase;
let health: RunningHealth;
let tenant: { id: string; key: string };

beforeAll(async () => {
  database = await createTestDatabase();
  health = await RunningHealth.withoutKafka(database.url);
  tenant = await health.tenant();
});
afterAll(async () => {
  await health.stop();
  await database.drop();
});

const create = (body: unknown) => health.ask("POST", "/v1/api-keys", { token: tenant.key, body });

it("shows the key once and stores a hash of it", async () => {
  const { status, body } = await create({ name: "ci", scopes: ["manage", "publish", "manage"] });
  expect(status).toBe(201);
  expect(body).toEqual({
    id: expect.stringMatching(/^key_[0-9A-HJKMNP-TV-Z]{26}$/),
    tenant_id: tenant.id,
    name: "ci",
    scopes: ["publish", "manage"],
    created_at: expect.any(String),
    expires_at: null,
    last_used_at: null,
    key: expect.stringMatching(/^wag_[A-Za-z0-9_-]{40}$/),
  });
  const { key, ...shown } = body;
  const { body: list } = await health.ask("GET", "/v1/api-keys", { token: tenant.key });
  expect(list).toMatchObject({ items: expect.arrayContaining([shown]), next_cursor: null });
  expect(JSON.stringify(list)).not.toContain(String(key));
  const [row] = await sql(database.url, "SELECT * FROM api_keys WHERE id = $1", [body.id]);
  expect(row).toMatchObject({ key_hash: createHash("sha256").update(String(key)).digest("hex") });
  expect(JSON.stringify(row)).not.toContain(String(key));
});

it.each<[unknown, string[]]>([
  [{}, ["/name", "/scopes"]],
  [{ name: "", scopes: ["publish"] }, ["/name"]],
  [{ name: "x".repeat(129), scopes: ["publish"] }, ["/name"]],
  [{ name: "ci", scopes: [] }, ["/scopes"]],
  [{ name: "ci", scopes: "publish" }, ["/scopes"]],
  [{ name: "ci", scopes: ["publish", "admin"] }, ["/scopes/1"]],
  [{ name: "ci", scopes: ["publish"], key: "wag_x" }, ["/key"]],
  [{ name: "ci", scopes: ["publish"], last_used_at: null }, ["/last_used_at"]],
  [{ name: "ci", scopes: ["publish"], expires_at: 60 }, ["/expires_at"]],
  [{ name: "ci", scopes: ["publish"], expires_at: "tomorrow" }, ["/expires_at"]],
  [{ name: "ci", scopes: ["publish"], expires_at: "2999-01-01T00:00:00" }, ["/expires_at"]],
  [{ name: "ci", scopes: ["publish"], expires_at: "2026-01-01T00:00:00Z" }, ["/expires_at"]],
])("refuses %j", async (body, paths) => {
  const answer = await create(body);
  expect(answer.status).toBe(422);
  expect([...new Set(wrongFields(answer))].sort()).toEqual(paths);
});

it("ends a key at once when it is deleted, its own as well", async () => {
  const { body } = await create({ name: "short-lived", scopes: ["manage"] });
  const token = String(body.key);
  expect(await health.ask("GET", "/v1/webhooks", { token })).toMatchObject({ status: 200 });
  expect(await health.ask("DELETE", `/v1/api-keys/${body.id}`, { token })).toMatchObject({ status: 204, text: "" });
  expect(await health.ask("GET", "/v1/webhooks", { token })).toMatchObject({ status: 401 });
  const again = await health.ask("DELETE", `/v1/api-keys/${body.id}`, { token: tenant.key });
  expect(again).toMatchObject({ status: 404 });
});

it("lets the operator make, see and delete keys of the tenant it names", async () => {
  const path = `/v1/api-keys?tenant_id=${tenant.id}`;
  const { body } = await health.ask("POST", path, { body: { name: "by the operator", scopes: ["publish"] } });
  expect(body).toMatchObject({ tenant_id: tenant.id });
  expect((await health.ask("GET", path)).text).toContain(String(body.id));
  expect(await health.ask("DELETE", `/v1/api-keys/${body.id}?tenant_id=${tenant.id}`)).toMatchObject({ status: 204 });
});

describe("GET /v1/api-keys/{id}", () => {
  it("shows one key as the list does", async () => {
    const { body } = await create({ name: "ci", scopes: ["publish"], expires_at: "2999-01-01T01:00:00.5+01:00" });
    const { key: _key, ...shown } = body;
    expect(shown.expires_at).toBe("2999-01-01T00:00:00.500Z");
    expect(await health.ask("GET", `/v1/api-keys/${body.id}`, { token: tenant.key })).toMatchObject({
      status: 200,
      body: shown,
    });
    const { body: list } = await health.ask("GET", "/v1/api-keys", { token: tenant.key });
    expect(list.items).toContainEqual(shown);
  });

  it("answers 404 for a key that is gone, or nobody's", async () => {
    const { body } = await create({ name: "ci", scopes: ["publish"] });
    await health.expect(204, "DELETE", `/v1/api-keys/${body.id}`, { token: tenant.key });
    for (const id of [body.id, "key_1", `wh_${String(body.id).slice(4)}`]) {
      const answer = await health.ask("GET", `/v1/api-keys/${id}`, { token: tenant.key });
      expect(answer).toMatchObject({ status: 404, body: { code: "not_found" } });
    }
  });
});

describe("a key that expires", () => {
  it("is good until then, and afterwards like one that never was", async () => {
    const until = new Date(Date.now() + 1_000).toISOString();
    const { body } = await create({ name: "brief", scopes: ["manage"], expires_at: until });
    const token = String(body.key);
    const ask = () => health.ask("GET", "/v1/webhooks", { token });
    expect((await ask()).status).toBe(200);
    await eventually("the key to expire", async () => (await ask()).status === 401);
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(until));
    const never = await health.ask("GET", "/v1/webhooks", { token: `wag_${"x".repeat(40)}` });
    expect((await ask()).text).toBe(never.text);
    // It stays to be seen, and to be deleted.
    await health.expect(200, "GET", `/v1/api-keys/${body.id}`, { token: tenant.key });
    await health.expect(204, "DELETE", `/v1/api-keys/${body.id}`, { token: tenant.key });
  });
});
