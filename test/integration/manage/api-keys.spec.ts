import { createHash } from "node:crypto";
import { createTestDatabase, type TestDatabase } from "@waggle/testing";
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
