import { createTestDatabase, type TestDatabase } from "@waggle/testing";
import { ADMIN_TOKEN, RunningHealth } from "../manage/running-health";
import { comparable } from "./comparable";
import { ReflectedClient } from "./reflected-client";

jest.setTimeout(30_000);

let database: TestDatabase;
let health: RunningHealth;
let rpc: ReflectedClient;
let own: { id: string; key: string };
let other: { id: string; key: string };

beforeAll(async () => {
  database = await createTestDatabase();
  health = await RunningHealth.withoutKafka(database.url);
  own = await health.tenant();
  other = await health.tenant();
  rpc = await ReflectedClient.connect(health.grpcAddress, own.key);
});
afterAll(async () => {
  rpc.close();
  await health.stop();
  await database.drop();
});

const operator = { token: ADMIN_TOKEN };
const settings = {
  url: "https://api.acme.com/webhooks",
  events: ["bounce", "complaint"],
  tags: ["marketing"],
  description: "CRM",
  dialect: "standard",
  headers: { "X-Api-Key": "s3cr3t" },
  timeout_ms: 5_000,
  max_in_flight: 10,
  max_per_second: 100,
  retry_delays_s: [30, 600],
  disable_after_s: 0,
};

async function aWebhook(): Promise<string> {
  const { id } = await health.expect(201, "POST", "/v1/webhooks", { token: own.key, body: settings });
  return String(id);
}

/** What HTTP answers to the same question. */
const http = (path: string, token = own.key) => health.expect(200, "GET", path, { token });

function within(value: unknown, field: string): unknown {
  return typeof value === "object" && value !== null
    ? Object.entries(value).find(([name]) => name === field)?.[1]
    : null;
}

describe("webhooks", () => {
  test("what was set over gRPC is what HTTP shows, and the reverse", async () => {
    const created = await rpc.expect("Webhooks/Create", { webhook: settings, secret: "an-imported-secret" });
    expect(created.secret).toBe("an-imported-secret");
    const id = String(within(created.webhook, "id"));
    const shown = await http(`/v1/webhooks/${id}`);
    expect(shown).toMatchObject({
      ...settings,
      events: ["email.bounce", "email.complaint"],
      headers: { "X-Api-Key": "***" },
    });
    expect(comparable(created.webhook)).toEqual(comparable(shown));
    expect(await rpc.expect("Webhooks/Get", { id })).toEqual({ webhook: created.webhook });
    // Unset is not zero.
    expect(within(created.webhook, "disable_after_s")).toBe(0);
    expect(await rpc.expect("Webhooks/GetSecret", { id })).toEqual({ secret: "an-imported-secret" });
  });

  test("pages, history and health are those of HTTP", async () => {
    const id = await aWebhook();
    await aWebhook();
    const page = await rpc.expect("Webhooks/List", { limit: 1 });
    expect(comparable(page)).toEqual(comparable(await http("/v1/webhooks?limit=1")));
    const next = await rpc.expect("Webhooks/List", { limit: 1, cursor: String(page.next_cursor) });
    expect(comparable(next)).toEqual(comparable(await http(`/v1/webhooks?limit=1&cursor=${page.next_cursor}`)));
    await rpc.expect("Webhooks/Disable", { id });
    const history = await rpc.expect("Webhooks/ListHistory", { id });
    expect(comparable(history)).toEqual(comparable(await http(`/v1/webhooks/${id}/history`)));
    const { health: doing } = await rpc.expect("Webhooks/GetHealth", { id });
    expect(comparable(doing)).toEqual(comparable(await http(`/v1/webhooks/${id}/health`)));
    expect(await rpc.expect("Webhooks/ListAttempts", { id, result: "failed" })).toEqual({});
  });

  test("it is enabled, disabled, given a new secret and deleted", async () => {
    const id = await aWebhook();
    expect(await rpc.expect("Webhooks/Disable", { id })).toMatchObject({
      webhook: { status: "disabled", disabled_reason: "manual" },
    });
    const { webhook } = await rpc.expect("Webhooks/Enable", { id });
    expect(webhook).toMatchObject({ status: "enabled" });
    expect(webhook).not.toHaveProperty("disabled_reason");
    const rotated = await rpc.expect("Webhooks/RotateSecret", { id, overlap_s: 60 });
    expect(rotated).toMatchObject({
      secret: expect.stringMatching(/^whsec_/),
      previous_expires_at: expect.any(String),
    });
    expect(await http(`/v1/webhooks/${id}/secret`)).toMatchObject({ secret: rotated.secret });
    expect(await rpc.expect("Webhooks/Delete", { id })).toEqual({});
    expect(await rpc.call("Webhooks/Get", { id })).toMatchObject({ status: "NOT_FOUND" });
  });
});

describe("a change", () => {
  test("concerns what its mask names: what is set there, and what is unset is cleared", async () => {
    const id = await aWebhook();
    const { webhook } = await rpc.expect("Webhooks/Update", {
      id,
      webhook: { description: "Billing", timeout_ms: 1_000 },
      update_mask: "description,maxInFlight,retryDelaysS,headers,tags",
    });
    expect(webhook).toMatchObject({ description: "Billing", timeout_ms: 5_000, max_per_second: 100 });
    for (const cleared of ["max_in_flight", "retry_delays_s", "headers", "tags"]) {
      expect(webhook).not.toHaveProperty(cleared);
    }
  });

  test("concerns without a mask what is set, with * everything", async () => {
    const id = await aWebhook();
    const { webhook } = await rpc.expect("Webhooks/Update", { id, webhook: { max_per_second: 5 } });
    expect(webhook).toMatchObject({ max_per_second: 5, description: "CRM", retry_delays_s: [30, 600] });
    const bare = { url: settings.url, events: ["open"] };
    const { webhook: replaced } = await rpc.expect("Webhooks/Update", { id, webhook: bare, update_mask: "*" });
    expect(replaced).toMatchObject({ url: settings.url, dialect: "hiveku", events: ["open"] });
    for (const cleared of ["description", "max_per_second", "headers"]) expect(replaced).not.toHaveProperty(cleared);
  });

  test("is refused when a path is no field, or what must be there is cleared", async () => {
    const id = await aWebhook();
    expect(await rpc.call("Webhooks/Update", { id, update_mask: "colour" })).toMatchObject({
      status: "INVALID_ARGUMENT",
      details: { BadRequest: { field_violations: [{ field: "update_mask" }] } },
    });
    expect(await rpc.call("Webhooks/Update", { id, update_mask: "url,events" })).toMatchObject({
      details: { BadRequest: { field_violations: [{ field: "webhook.url" }, { field: "webhook.events" }] } },
    });
  });

  test("fails when somebody else was faster", async () => {
    const id = await aWebhook();
    const { webhook } = await rpc.expect("Webhooks/Get", { id });
    const etag = String(within(webhook, "etag"));
    const update = { id, webhook: { description: "mine" }, etag };
    await rpc.expect("Webhooks/Update", update);
    for (const method of ["Update", "Enable", "Disable", "RotateSecret", "Delete"]) {
      const late = await rpc.call(`Webhooks/${method}`, method === "Update" ? update : { id, etag });
      expect(late).toMatchObject({ status: "ABORTED", details: { ErrorInfo: { reason: "precondition_failed" } } });
    }
  });
});

test("the operator's tenants, their keys, the incident and the audit log are those of HTTP", async () => {
  const tenant = { name: "Hive", dialect: "buzzmark", alert_email: "ops@acme.com" };
  const { tenant: created } = await rpc.expect("Tenants/Create", { tenant }, operator);
  const id = String(within(created, "id"));
  expect(comparable(created)).toEqual(comparable(await http(`/v1/tenants/${id}`, ADMIN_TOKEN)));
  const { tenant: changed } = await rpc.expect(
    "Tenants/Update",
    { id, tenant: { shared_secret: false }, update_mask: "sharedSecret,alertEmail" },
    operator,
  );
  expect(changed).toMatchObject({ name: "Hive" });
  expect(changed).not.toHaveProperty("alert_email");
  expect(changed).not.toHaveProperty("shared_secret");

  const expires_at = "2126-01-01T00:00:00Z";
  const key = { tenant_id: id, name: "ci", scopes: ["manage", "publish"], expires_at };
  const made = await rpc.expect("Tenants/CreateApiKey", key, operator);
  expect(made).toMatchObject({ api_key: { name: "ci", scopes: ["publish", "manage"], expires_at } });
  const token = String(made.key);
  const keyId = String(within(made.api_key, "id"));
  expect(comparable(await rpc.expect("Tenants/ListApiKeys", {}, { token }))).toEqual(
    comparable(await http("/v1/api-keys", token)),
  );
  expect(await rpc.expect("Tenants/GetApiKey", { id: keyId }, { token })).toMatchObject({ api_key: { name: "ci" } });
  await rpc.expect("Tenants/DeleteApiKey", { id: keyId }, { token });
  expect(await rpc.call("Tenants/ListApiKeys", {}, { token })).toMatchObject({ status: "UNAUTHENTICATED" });

  const query = { tenant_id: id, since: "2020-01-01T00:00:00Z", limit: 10 };
  const log = await rpc.expect("AuditLog/List", query, operator);
  expect(comparable(log)).toEqual(comparable(await http(`/v1/audit-log?tenant_id=${id}&limit=10`, ADMIN_TOKEN)));
  // Its tenant was made with an inbound address.
  expect(within(log, "items")).toHaveLength(5);

  await rpc.expect("Tenants/Delete", { id }, operator);
  expect(comparable(await rpc.expect("Tenants/List", { limit: 2 }, operator))).toEqual(
    comparable(await http("/v1/tenants?limit=2", ADMIN_TOKEN)),
  );
  expect(comparable(await rpc.expect("Incidents/Get", {}, operator))).toEqual(
    comparable(await http("/v1/incident", ADMIN_TOKEN)),
  );
  expect(await rpc.call("Incidents/Close", {}, operator)).toMatchObject({
    status: "FAILED_PRECONDITION",
    details: { ErrorInfo: { reason: "conflict" } },
  });
});

test("who got no answer asks again with the same key, at either door", async () => {
  const metadata = { "idempotency-key": "order-66" };
  const first = await rpc.call("Webhooks/Create", { webhook: settings }, { metadata });
  const again = await rpc.call("Webhooks/Create", { webhook: settings }, { metadata });
  expect(first.headers.get("idempotency-replayed")).toEqual([]);
  expect([again.message, again.headers.get("idempotency-replayed")]).toEqual([first.message, ["true"]]);
  const headers = { "idempotency-key": "order-66" };
  const overHttp = await health.ask("POST", "/v1/webhooks", { token: own.key, body: settings, headers });
  expect(overHttp.headers.get("idempotency-replayed")).toBe("true");
  expect(overHttp.body).toMatchObject({ id: within(first.message.webhook, "id"), secret: first.message.secret });
  const otherwise = await rpc.call("Webhooks/Create", { webhook: { ...settings, tags: [] } }, { metadata });
  expect(otherwise).toMatchObject({
    status: "INVALID_ARGUMENT",
    details: { ErrorInfo: { reason: "idempotency_key_reused", domain: "waggle" } },
  });
});

test("another tenant's id is an unknown id", async () => {
  const id = await aWebhook();
  const { message: _, headers: __, ...theirs } = await rpc.call("Webhooks/Get", { id }, { token: other.key });
  const nobodys = await rpc.call("Webhooks/Get", { id: "wh_00000000000000000000000000" }, { token: other.key });
  expect(theirs).toEqual({
    status: "NOT_FOUND",
    details: { ErrorInfo: { reason: "not_found", domain: "waggle" } },
    text: "there is no such webhook",
  });
  expect(nobodys).toMatchObject(theirs);
});
