import { createTestDatabase, type TestDatabase } from "@waggle/testing";
import { RunningHealth, wrongFields } from "./running-health";
import { sql } from "./sql";

jest.setTimeout(60_000);

let database: TestDatabase;
let health: RunningHealth;
let tenant: { id: string; key: string };

beforeAll(async () => {
  database = await createTestDatabase();
  health = await RunningHealth.withoutKafka(database.url);
  tenant = await health.tenant();
});
afterAll(async () => {
  await health?.stop();
  await database?.drop();
});

async function create(): Promise<string> {
  const body = { url: "https://api.acme.com/", events: ["*"], headers: { "X-Api-Key": "s3cr3t" } };
  return String((await health.expect(201, "POST", "/v1/webhooks", { token: tenant.key, body })).id);
}

const entries = async (id: string, query = "") => {
  const { items } = await health.expect(200, "GET", `/v1/webhooks/${id}/history${query}`, { token: tenant.key });
  return Array.isArray(items) ? items : [];
};

test("every change is told, newest first, with who made it and what it did; what changes nothing is not", async () => {
  const id = await create();
  const change = { url: "https://moved.acme.com/", headers: { "X-Other": "s3cr3t" } };
  await health.expect(200, "PATCH", `/v1/webhooks/${id}`, { token: tenant.key, body: change });
  await health.expect(200, "PATCH", `/v1/webhooks/${id}`, { token: tenant.key, body: { url: change.url } });
  await health.expect(200, "POST", `/v1/webhooks/${id}/disable`);
  await health.expect(200, "POST", `/v1/webhooks/${id}/disable`);
  await health.expect(200, "POST", `/v1/webhooks/${id}/enable`, { token: tenant.key });
  const items = await entries(id);
  expect(items.map(({ action, by }) => [action, by.kind])).toEqual([
    ["enabled", "api_key"],
    ["disabled", "operator"],
    ["changed", "api_key"],
    ["created", "api_key"],
  ]);
  expect(items[0]).toEqual({
    id: expect.stringMatching(/^his_/),
    at: expect.stringMatching(/^\d{4}-.*Z$/),
    action: "enabled",
    by: { kind: "api_key", key_id: expect.stringMatching(/^key_/) },
    details: {},
  });
  expect(items[1]).toMatchObject({ by: { key_id: null }, details: { reason: "manual" } });
  expect(items[2].details).toEqual({
    url: { before: "https://api.acme.com/", after: "https://moved.acme.com/" },
    headers: { before: ["X-Api-Key"], after: ["X-Other"] },
  });
  expect(JSON.stringify(items)).not.toContain("s3cr3t");
});

test("it is paged, for its own tenant only, and goes with the webhook", async () => {
  const id = await create();
  await health.expect(200, "POST", `/v1/webhooks/${id}/disable`, { token: tenant.key });
  const path = `/v1/webhooks/${id}/history`;
  const first = await health.expect(200, "GET", `${path}?limit=1`, { token: tenant.key });
  const second = await entries(id, `?limit=1&cursor=${first.next_cursor}`);
  expect(second.map(({ action }) => action)).toEqual(["created"]);
  expect(wrongFields(await health.ask("GET", `${path}?limit=0&what=1`, { token: tenant.key }))).toHaveLength(2);
  const publisher = await health.key(tenant.id, ["publish"]);
  expect((await health.ask("GET", `${path}?limit=0`, { token: publisher })).status).toBe(403);
  const other = await health.tenant();
  expect((await health.ask("GET", path, { token: other.key })).status).toBe(404);
  await health.expect(204, "DELETE", `/v1/webhooks/${id}`, { token: tenant.key });
  expect((await health.ask("GET", path, { token: tenant.key })).status).toBe(404);
  expect(await sql(database.url, "SELECT FROM webhook_history WHERE webhook_id = $1", [id])).toEqual([]);
});

test("a webhook shows since when it fails; enabling it again lets failures before that count no longer", async () => {
  const id = await create();
  const failed = new Date("2026-04-17T12:34:56.789Z");
  await sql(
    database.url,
    `INSERT INTO webhook_states (webhook_id, tenant_id, first_failure_at, last_failure_at, failures)
     VALUES ($1, $2, $3, $3, 1)`,
    [id, tenant.id, failed],
  );
  const shown = await health.expect(200, "GET", `/v1/webhooks/${id}`, { token: tenant.key });
  expect(shown.failing_since).toBe(failed.toISOString());
  await health.expect(200, "POST", `/v1/webhooks/${id}/disable`, { token: tenant.key });
  const enabled = await health.expect(200, "POST", `/v1/webhooks/${id}/enable`, { token: tenant.key });
  expect(enabled.failing_since).toBeNull();
  const [state] = await sql(database.url, "SELECT * FROM webhook_states WHERE webhook_id = $1", [id]);
  expect(state).toMatchObject({ first_failure_at: null, failures: 0, counts_from: expect.any(Date) });
});
