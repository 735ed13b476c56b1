import { createTestDatabase, type TestDatabase } from "@waggle/testing";
import { RunningHealth, wrongFields } from "./running-health";
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

const create = (body: unknown) => health.ask("POST", "/v1/tenants", { body });

it("creates a tenant with what is usual", async () => {
  const { status, body } = await create({ name: "Acme" });
  expect(status).toBe(201);
  expect(body).toEqual({
    id: expect.stringMatching(/^ten_[0-9A-HJKMNP-TV-Z]{26}$/),
    name: "Acme",
    dialect: "hiveku",
    alert_email: null,
    shared_secret: false,
    created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    updated_at: body.created_at,
  });
  expect(await health.ask("GET", `/v1/tenants/${body.id}`)).toMatchObject({ status: 200, body });
});

it("shares a secret by default in buzzmark tenants only", async () => {
  const shared = async (body: object) => (await create({ name: "Acme", ...body })).body.shared_secret;
  expect(await shared({ dialect: "buzzmark" })).toBe(true);
  expect(await shared({ dialect: "buzzmark", shared_secret: false })).toBe(false);
  expect(await shared({ dialect: "standard" })).toBe(false);
  expect(await shared({ dialect: "hiveku", shared_secret: true })).toBe(true);
  expect(await shared({ dialect: null, alert_email: null, shared_secret: null })).toBe(false);
});

it.each<[unknown, string[]]>([
  [{}, ["/name"]],
  [{ name: "" }, ["/name"]],
  [{ name: "  " }, ["/name"]],
  [{ name: null }, ["/name"]],
  [{ name: "x".repeat(129) }, ["/name"]],
  [{ name: "a\u0000b" }, ["/name"]],
  [{ name: "Acme", dialect: "mailgun" }, ["/dialect"]],
  [{ name: "Acme", alert_email: "nobody" }, ["/alert_email"]],
  [{ name: "Acme", alert_email: `${"x".repeat(244)}@acme.com, a@b.com` }, ["/alert_email"]],
  [{ name: "Acme", shared_secret: "yes" }, ["/shared_secret"]],
  [{ name: "Acme", id: "ten_1", nope: 1 }, ["/id", "/nope"]],
  [[], [""]],
])("refuses to create %j", async (body, paths) => {
  const answer = await create(body);
  expect(answer).toMatchObject({ status: 422, body: { code: "validation_failed" } });
  expect([...new Set(wrongFields(answer))].sort()).toEqual(paths);
});

it("takes names of up to 128 characters", async () => {
  expect(await create({ name: "x".repeat(128) })).toMatchObject({ status: 201 });
});

it("changes what is there, clears with null, and leaves what is absent", async () => {
  const { body: before } = await create({ name: "Acme", alert_email: "ops@acme.com" });
  const path = `/v1/tenants/${before.id}`;
  const { status, body: after } = await health.ask("PATCH", path, { body: { dialect: "standard" } });
  expect(status).toBe(200);
  expect(after).toEqual({ ...before, dialect: "standard", updated_at: expect.any(String) });
  const renamed = await health.ask("PATCH", path, { body: { name: "Acme Ltd", alert_email: null } });
  expect(renamed.body).toMatchObject({ name: "Acme Ltd", alert_email: null, dialect: "standard" });
  const unchanged = await health.ask("PATCH", path, { body: {} });
  expect(unchanged.body).toEqual(renamed.body);
});

it.each<[unknown, string[]]>([
  [{ name: null }, ["/name"]],
  [{ dialect: null }, ["/dialect"]],
  [{ shared_secret: null }, ["/shared_secret"]],
  [{ created_at: "2026-01-01T00:00:00Z" }, ["/created_at"]],
])("refuses to change %j", async (body, paths) => {
  const { body: tenant } = await create({ name: "Acme" });
  const answer = await health.ask("PATCH", `/v1/tenants/${tenant.id}`, { body });
  expect(answer.status).toBe(422);
  expect(wrongFields(answer)).toEqual(paths);
});

it("takes its webhooks and keys with it when deleted", async () => {
  const tenant = await health.tenant({ dialect: "buzzmark" });
  const webhook = { url: "https://api.acme.com/", events: ["*"], secret: "0123456789abcdef" };
  const { id } = await health.expect(201, "POST", "/v1/webhooks", { token: tenant.key, body: webhook });
  expect(await health.ask("DELETE", `/v1/tenants/${tenant.id}`)).toMatchObject({ status: 204, text: "" });
  expect(await health.ask("GET", `/v1/tenants/${tenant.id}`)).toMatchObject({ status: 404 });
  expect(await health.ask("GET", `/v1/webhooks/${id}`)).toMatchObject({ status: 404 });
  expect(await health.ask("GET", "/v1/webhooks", { token: tenant.key })).toMatchObject({ status: 401 });
  const left =
    "SELECT id::text FROM secrets WHERE tenant_id = $1 UNION ALL SELECT id FROM api_keys WHERE tenant_id = $1";
  expect(await sql(database.url, left, [tenant.id])).toEqual([]);
  expect(await health.ask("DELETE", `/v1/tenants/${tenant.id}`)).toMatchObject({ status: 404 });
});
