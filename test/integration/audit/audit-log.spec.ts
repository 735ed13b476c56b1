import { Database } from "@waggle/postgres";
import { createTestDatabase, type TestDatabase } from "@waggle/testing";
import { AuditRetention } from "../../../apps/health/src/manage/audit/audit-retention";
import { dayOf } from "../../../apps/health/src/observe/log-days";
import { PostgresAuditStore } from "../../../apps/health/src/out/manage/audit-log.postgres";
import { PostgresManagementStore } from "../../../apps/health/src/out/manage/management-store.postgres";
import { RunningHealth, wrongFields } from "../manage/running-health";
import { sql } from "../manage/sql";
import { type OpenLog, openLog } from "../observe/open-log";
import { aDelivery, anIdentity } from "../observe/records";

jest.setTimeout(60_000);

interface Entry {
  readonly id: string;
  readonly at: string;
  readonly tenant_id: string | null;
  readonly actor: { readonly kind: string; readonly key_id: string | null };
  readonly action: string;
  readonly resource_id: string;
  readonly before: Readonly<Record<string, unknown>> | null;
  readonly after: Readonly<Record<string, unknown>> | null;
}

const SECRET = "a-secret-that-nobody-may-read";
const HEADER_VALUE = "s3cr3t-header-value";
const silent = { info: () => {}, warn: () => {} };

let database: TestDatabase;
let postgres: Database;
let log: OpenLog;
let health: RunningHealth;
let tenant: { id: string; key: string };
let keyId: string;

beforeAll(async () => {
  database = await createTestDatabase();
  health = await RunningHealth.withoutKafka(database.url);
  postgres = new Database({ url: database.url, logger: silent });
  log = openLog(postgres);
  await log.log.makeDays([dayOf(Date.now()), dayOf(Date.now()) + 1]);
});
beforeEach(async () => {
  tenant = await health.tenant();
  [{ resource_id: keyId } = { resource_id: "" }] = await entries("action=api_key.created");
});
afterAll(async () => {
  await postgres?.close();
  await health?.stop();
  await database?.drop();
});

async function entries(query: string, token?: string): Promise<Entry[]> {
  const asked = token === undefined ? {} : { token };
  const { items } = await health.expect(200, "GET", `/v1/audit-log?${query}`, asked);
  return Array.isArray(items) ? items : [];
}

const about = (id: string) => entries(`resource_id=${id}`);

async function createWebhook(settings: object = {}): Promise<string> {
  const body = { url: "https://api.acme.com/", events: ["*"], ...settings };
  return String((await health.expect(201, "POST", "/v1/webhooks", { token: tenant.key, body })).id);
}

describe("what is recorded", () => {
  it("tells of a tenant from its beginning to its end, and what went with it", async () => {
    const change = { name: "Acme Ltd", alert_email: "ops@acme.com", shared_secret: true };
    await health.expect(200, "PATCH", `/v1/tenants/${tenant.id}`, { body: change });
    await health.expect(200, "PATCH", `/v1/tenants/${tenant.id}`, { body: { name: "Acme Ltd" } });
    await createWebhook();
    await health.expect(204, "DELETE", `/v1/tenants/${tenant.id}`);
    const told = await about(tenant.id);
    const settings = { name: "Acme", dialect: "hiveku", alert_email: null, shared_secret: false };
    expect(told).toEqual([
      expect.objectContaining({
        action: "tenant.deleted",
        before: { ...settings, ...change, webhooks: 1, api_keys: 1, inbound_addresses: 0 },
        after: null,
      }),
      expect.objectContaining({
        action: "tenant.changed",
        before: { name: "Acme", alert_email: null, shared_secret: false },
        after: change,
      }),
      {
        id: expect.stringMatching(/^aud_[0-9A-HJKMNP-TV-Z]{26}$/),
        at: expect.stringMatching(/^\d{4}-.*Z$/),
        tenant_id: tenant.id,
        actor: { kind: "operator", key_id: null },
        action: "tenant.created",
        resource_id: tenant.id,
        before: null,
        after: settings,
      },
    ]);
  });

  it("tells of a key who made and who deleted it, and never the key or its hash", async () => {
    const body = { name: "ci", scopes: ["publish"], expires_at: "2999-01-01T00:00:00Z" };
    const { id, key } = await health.expect(201, "POST", "/v1/api-keys", { token: tenant.key, body });
    await health.expect(204, "DELETE", `/v1/api-keys/${id}?tenant_id=${tenant.id}`);
    const told = await about(String(id));
    const shown = { ...body, expires_at: "2999-01-01T00:00:00.000Z" };
    expect(told).toMatchObject([
      { action: "api_key.deleted", actor: { kind: "operator", key_id: null }, before: shown, after: null },
      { action: "api_key.created", actor: { kind: "api_key", key_id: keyId }, before: null, after: shown },
    ]);
    expect(JSON.stringify(await sql(database.url, "SELECT * FROM audit_log"))).not.toContain(String(key));
  });

  it("tells of a webhook what was changed, of headers the names, and never a secret", async () => {
    const id = await createWebhook({ secret: SECRET, headers: { "X-Api-Key": HEADER_VALUE } });
    const change = { url: "https://moved.acme.com/", max_per_second: 5, headers: { "X-Api-Key": `${HEADER_VALUE}2` } };
    await health.expect(200, "PATCH", `/v1/webhooks/${id}`, { token: tenant.key, body: change });
    await health.expect(200, "PATCH", `/v1/webhooks/${id}`, { token: tenant.key, body: { url: change.url } });
    await health.expect(200, "POST", `/v1/webhooks/${id}/disable`, { token: tenant.key });
    await health.expect(200, "POST", `/v1/webhooks/${id}/disable`, { token: tenant.key });
    await health.expect(200, "POST", `/v1/webhooks/${id}/enable`);
    await health.expect(204, "DELETE", `/v1/webhooks/${id}`, { token: tenant.key });
    const told = await about(id);
    expect(told.map(({ action, actor }) => [action, actor.kind])).toEqual([
      ["webhook.deleted", "api_key"],
      ["webhook.enabled", "operator"],
      ["webhook.disabled", "api_key"],
      ["webhook.changed", "api_key"],
      ["webhook.created", "api_key"],
    ]);
    const [deleted, enabled, disabled, changed, created] = told;
    expect(created).toMatchObject({
      before: null,
      after: { url: "https://api.acme.com/", status: "enabled", headers: ["X-Api-Key"], max_per_second: null },
    });
    expect(changed).toMatchObject({
      before: { url: "https://api.acme.com/", max_per_second: null, headers: ["X-Api-Key"] },
      after: { url: change.url, max_per_second: 5, headers: ["X-Api-Key"] },
    });
    expect(Object.keys(changed?.after ?? {}).sort()).toEqual(["headers", "max_per_second", "url"]);
    expect([disabled, enabled]).toMatchObject([
      {
        before: { status: "enabled", disabled_reason: null },
        after: { status: "disabled", disabled_reason: "manual" },
      },
      {
        before: { status: "disabled", disabled_reason: "manual" },
        after: { status: "enabled", disabled_reason: null },
      },
    ]);
    expect(deleted).toMatchObject({ before: { url: change.url, max_per_second: 5 }, after: null });
    const kept = JSON.stringify(await sql(database.url, "SELECT * FROM audit_log"));
    expect(kept).not.toContain(SECRET);
    expect(kept).not.toContain(HEADER_VALUE);
    expect(kept).not.toContain("v1.k1.");
  });

  it("tells of a shared secret that a webhook brought along, but not what it is", async () => {
    const { id } = await health.expect(201, "POST", "/v1/tenants", { body: { name: "Hive", dialect: "buzzmark" } });
    const token = await health.key(String(id), ["manage"]);
    const body = { url: "https://api.acme.com/", events: ["*"], secret: SECRET };
    await health.expect(201, "POST", "/v1/webhooks", { token, body });
    const [imported] = await about(String(id));
    expect(imported).toMatchObject({ action: "tenant.secret_imported", before: null, after: null });
  });

  it("tells of tests, recoveries and requeues, and what they were of", async () => {
    const id = await createWebhook();
    const test = await health.ask("POST", `/v1/webhooks/${id}/test?wait=0`, { token: tenant.key });
    expect(test.status).toBe(202);
    expect((await about(id))[0]).toMatchObject({
      action: "webhook.tested",
      actor: { key_id: keyId },
      after: { delivery_id: test.body.id, event_type: expect.any(String) },
    });

    const recover = (body: object) => health.ask("POST", `/v1/webhooks/${id}/recover`, { token: tenant.key, body });
    await recover({ since: "2026-04-17T12:00:00Z", dry_run: true });
    const { body: recovery } = await recover({ since: "2026-04-17T12:00:00Z" });
    await health.expect(204, "DELETE", `/v1/recoveries/${recovery.id}`, { token: tenant.key });
    await health.expect(204, "DELETE", `/v1/recoveries/${recovery.id}`, { token: tenant.key });
    expect(await about(String(recovery.id))).toMatchObject([
      { action: "recovery.cancelled", after: { webhook_id: id, status: "cancelled", reason: "by_request" } },
      { action: "recovery.started", after: { webhook_id: id, since: "2026-04-17T12:00:00.000Z", matched: 0 } },
    ]);
    expect(await entries(`tenant_id=${tenant.id}&action=recovery.started`)).toHaveLength(1);

    const identity = anIdentity({ webhook_id: id, tenant_id: tenant.id });
    await log.deliveries(aDelivery(identity));
    await health.expect(202, "POST", `/v1/deliveries/${identity.delivery_id}/requeue`, { token: tenant.key });
    expect(await about(identity.delivery_id)).toMatchObject([
      { action: "delivery.requeued", before: { round: 1, status: "pending" }, after: { round: 2, webhook_id: id } },
    ]);
  });

  it("tells the operator, and nobody else, who closed an incident", async () => {
    const id = `inc_${"0".repeat(26)}`;
    await sql(database.url, "INSERT INTO incidents (id, opened_at, began_at) VALUES ($1, now(), now())", [id]);
    await health.expect(200, "POST", "/v1/incident/close");
    expect(await about(id)).toMatchObject([
      { tenant_id: null, action: "incident.closed", actor: { kind: "operator" }, after: { closed_by: "operator" } },
    ]);
    expect(await entries(`resource_id=${id}`, tenant.key)).toEqual([]);
  });

  it("is nothing of what was refused, and nothing of a change that was rolled back", async () => {
    const id = await createWebhook();
    const before = await entries(`tenant_id=${tenant.id}`);
    await health.ask("PATCH", `/v1/webhooks/${id}`, { token: tenant.key, body: { url: "not a url" } });
    await health.ask("POST", "/v1/api-keys", { token: tenant.key, body: { name: "ci", scopes: [] } });
    const other = await health.tenant();
    await health.ask("DELETE", `/v1/webhooks/${id}`, { token: other.key });
    const store = new PostgresManagementStore(postgres);
    const entry = { at: Date.now(), tenant_id: tenant.id, actor: "operator", key_id: null } as const;
    const deed = { ...entry, id: `aud_${"0".repeat(26)}`, resource_id: id, before: null, after: null } as const;
    const rolledBack = store.change(async (changes) => {
      await changes.recordAudit({ ...deed, action: "webhook.changed" });
      throw new Error("not after all");
    });
    await expect(rolledBack).rejects.toThrow("not after all");
    expect(await entries(`tenant_id=${tenant.id}`)).toEqual(before);
  });
});

describe("GET /v1/audit-log", () => {
  it("shows a tenant what was done to its own things, the operator's part included", async () => {
    const id = await createWebhook();
    await health.expect(200, "POST", `/v1/webhooks/${id}/disable`);
    const other = await health.tenant();
    const own = await entries("", tenant.key);
    expect(own.map(({ action, actor }) => [action, actor.kind])).toEqual([
      ["webhook.disabled", "operator"],
      ["webhook.created", "api_key"],
      ["api_key.created", "operator"],
      ["tenant.created", "operator"],
    ]);
    expect(new Set(own.map(({ tenant_id }) => tenant_id))).toEqual(new Set([tenant.id]));
    expect(await entries(`resource_id=${id}`, other.key)).toEqual([]);
    expect(await entries(`actor=${keyId}`, other.key)).toEqual([]);
    expect((await health.ask("GET", `/v1/audit-log?tenant_id=${tenant.id}`, { token: other.key })).status).toBe(404);
    const publisher = await health.key(tenant.id, ["publish"]);
    expect((await health.ask("GET", "/v1/audit-log?limit=0", { token: publisher })).status).toBe(403);
  });

  it("finds entries by actor, action, thing and time, each and together", async () => {
    const id = await createWebhook();
    await health.expect(200, "POST", `/v1/webhooks/${id}/disable`);
    const [disabled, created] = await about(id);
    const ids = async (query: string) => (await entries(`tenant_id=${tenant.id}&${query}`)).map((entry) => entry.id);
    expect(await ids(`actor=${keyId}`)).toEqual([created?.id]);
    expect(await ids("actor=operator&action=webhook.disabled")).toEqual([disabled?.id]);
    expect(await ids("actor=waggle")).toEqual([]);
    expect(await ids(`resource_id=${id}&action=webhook.created`)).toEqual([created?.id]);
    // `since` is included, `until` is not.
    const since = encodeURIComponent(disabled?.at ?? "");
    expect(await ids(`since=${since}`)).toContain(disabled?.id);
    expect(await ids(`until=${since}`)).not.toContain(disabled?.id);
    expect(await ids("until=1960-01-01T00:00:00Z")).toEqual([]);
    expect(await ids("since=1960-01-01T00:00:00Z")).toContain(created?.id);
    expect(await ids("since=2999-01-01T00:00:00Z")).toEqual([]);
  });

  it("is paged, newest first, each entry once", async () => {
    const id = await createWebhook();
    for (let n = 0; n < 4; n++) {
      await health.expect(200, "POST", `/v1/webhooks/${id}/${n % 2 === 0 ? "disable" : "enable"}`);
    }
    const seen: string[] = [];
    for (let cursor = ""; ; ) {
      const page = await health.expect(200, "GET", `/v1/audit-log?limit=2${cursor}`, { token: tenant.key });
      seen.push(...(await pageIds(page)));
      if (page.next_cursor === null) break;
      cursor = `&cursor=${page.next_cursor}`;
    }
    const all = (await entries("", tenant.key)).map((entry) => entry.id);
    expect(seen).toEqual(all);
    expect(all).toEqual([...all].sort().reverse());
  });

  it.each([
    ["actor=somebody", "/actor"],
    ["actor=key_1", "/actor"],
    ["action=webhook.renamed", "/action"],
    ["resource_id=%20", "/resource_id"],
    ["resource_id=%00", "/resource_id"],
    ["since=yesterday", "/since"],
    ["since=2026-01-02T00:00:00Z&until=2026-01-01T00:00:00Z", "/until"],
    ["limit=201", "/limit"],
    ["cursor=x", "/cursor"],
    ["what=1", "/what"],
  ])("refuses ?%s", async (query, path) => {
    const answer = await health.ask("GET", `/v1/audit-log?${query}`);
    expect(answer).toMatchObject({ status: 422, body: { code: "validation_failed" } });
    expect(wrongFields(answer)).toEqual([path]);
  });
});

it("forgets what was kept for long enough, however much it is, and nothing else", async () => {
  const day = 86_400_000;
  const now = Date.now();
  await sql(
    database.url,
    `INSERT INTO audit_log (id, at, tenant_id, actor, action, resource_id)
     SELECT 'aud_00' || lpad(n::text, 24, '0'), to_timestamp(0), 'ten_old', 'operator', 'tenant.changed', 'ten_old'
     FROM generate_series(1, 6000) AS n`,
  );
  const kept = await entries(`tenant_id=${tenant.id}`);
  const told: object[] = [];
  const store = new PostgresAuditStore(postgres);
  const logger = { info: (fields: object) => void told.push(fields) };
  await new AuditRetention({ store, retentionDays: 1, now: () => now, logger }).sweep();
  expect(told).toEqual([{ entries: 6_000 }]);
  expect(await entries("tenant_id=ten_old")).toEqual([]);
  expect(await entries(`tenant_id=${tenant.id}`)).toEqual(kept);
  await new AuditRetention({ store, retentionDays: 1, now: () => now + 2 * day, logger }).sweep();
  expect(await sql(database.url, "SELECT FROM audit_log")).toEqual([]);
});

async function pageIds({ items }: Record<string, unknown>): Promise<string[]> {
  return Array.isArray(items) ? items.map(({ id }: { id: string }) => id) : [];
}
