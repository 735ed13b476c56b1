import type { SealedSecret } from "@waggle/contracts";
import { WEBHOOK_LIMITS } from "@waggle/domain";
import { Database } from "@waggle/postgres";
import { createSecretBox, tenantAad, webhookAad } from "@waggle/secrets";
import { createTestDatabase, type TestDatabase } from "@waggle/testing";
import { SecretExpiry } from "../../../apps/health/src/manage/secrets/secret-expiry";
import { PostgresExpiredSecrets } from "../../../apps/health/src/out/manage/expired-secrets.postgres";
import { RunningHealth, SECRETS_KEYS, wrongFields } from "./running-health";
import { sql } from "./sql";

jest.setTimeout(60_000);

const DAY_MS = 86_400_000;

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

interface Made {
  readonly id: string;
  readonly secret: string;
}

async function create(token = tenant.key, settings: object = {}): Promise<Made> {
  const body = { url: "https://api.acme.com/", events: ["*"], ...settings };
  const { id, secret } = await health.expect(201, "POST", "/v1/webhooks", { token, body });
  return { id: String(id), secret: String(secret) };
}

const path = ({ id }: Made, action: string) => `/v1/webhooks/${id}/${action}`;
const rotate = (webhook: Made, body?: object, token = tenant.key) =>
  health.expect(200, "POST", path(webhook, "rotate-secret"), { token, ...(body === undefined ? {} : { body }) });
const secretOf = (webhook: Made, token = tenant.key) => health.expect(200, "GET", path(webhook, "secret"), { token });

async function historyOf(webhook: Made): Promise<Record<string, unknown>[]> {
  const { items } = await health.expect(200, "GET", path(webhook, "history"));
  return Array.isArray(items) ? items : [];
}

/** The secrets that the data plane learns of last, opened, with when each of them ends. */
async function published(key: string, aad: string): Promise<[string, number | null][]> {
  const statement =
    "SELECT convert_from(value, 'UTF8') AS value FROM outbox WHERE key = $1 ORDER BY version DESC LIMIT 1";
  const [row] = await sql(database.url, statement, [Buffer.from(key)]);
  const { secrets }: { secrets: SealedSecret[] } = JSON.parse(String(row?.value));
  const box = createSecretBox(SECRETS_KEYS);
  return secrets.map(({ sealed, expires_at }) => [box.open(sealed, aad), expires_at]);
}

const ofWebhook = ({ id }: Made) => published(`webhook/${id}`, webhookAad(tenant.id, id));

test("a new secret signs at once, and the one before for a day", async () => {
  const webhook = await create();
  const before = Date.now();
  const rotated = await rotate(webhook);
  expect(rotated).toEqual({
    secret: expect.stringMatching(/^whsec_[A-Za-z0-9+/]{43}=$/),
    shared: false,
    previous_expires_at: expect.stringMatching(/Z$/),
  });
  expect(rotated.secret).not.toBe(webhook.secret);
  expect(await secretOf(webhook)).toEqual({ secret: rotated.secret, shared: false });
  const end = Date.parse(String(rotated.previous_expires_at));
  expect(end).toBeGreaterThanOrEqual(before + DAY_MS);
  expect(end).toBeLessThanOrEqual(Date.now() + DAY_MS);
  expect(await ofWebhook(webhook)).toEqual([
    [rotated.secret, null],
    [webhook.secret, end],
  ]);
});

test("a secret of one's own is taken over, for as long an overlap as wanted, or none", async () => {
  const webhook = await create();
  const week = await rotate(webhook, { secret: "a secret of our own", overlap_s: 604_800 });
  expect(week.secret).toBe("a secret of our own");
  expect(Date.parse(String(week.previous_expires_at))).toBeGreaterThan(Date.now() + 6.9 * DAY_MS);
  const now = await rotate(webhook, { overlap_s: 0 });
  expect(now.previous_expires_at).toBeNull();
  expect(await ofWebhook(webhook)).toEqual([[now.secret, null]]);
});

test("wrong fields are named, and nothing is rotated", async () => {
  const webhook = await create();
  const ask = async (body: unknown) =>
    wrongFields(await health.ask("POST", path(webhook, "rotate-secret"), { token: tenant.key, body }));
  for (const overlap_s of [-1, 604_801, 1.5, "60"]) expect(await ask({ overlap_s })).toEqual(["/overlap_s"]);
  for (const secret of ["short", "whsec_not base64!", 5]) expect(await ask({ secret })).toEqual(["/secret"]);
  expect(await ask({ overlap_s: -1, secret: "", other: true })).toHaveLength(3);
  expect(await secretOf(webhook)).toMatchObject({ secret: webhook.secret });
  expect((await historyOf(webhook)).map(({ action }) => action)).toEqual(["created"]);
  await rotate(webhook, { overlap_s: null, secret: null });
});

test("who may not manage the webhook cannot tell that it is there", async () => {
  const webhook = await create();
  const other = await health.tenant();
  const publisher = await health.key(tenant.id, ["publish"]);
  const ask = (token: string | null, id = webhook.id) =>
    health.ask("POST", `/v1/webhooks/${id}/rotate-secret`, { token, body: {} });
  expect((await ask(null)).status).toBe(401);
  expect((await ask(publisher)).status).toBe(403);
  const [foreign, unknown] = [await ask(other.key), await ask(other.key, "wh_01M817CMR3ZQYA91A22XPSSNQF")];
  expect(foreign.status).toBe(404);
  expect(foreign.text).toBe(unknown.text);
  expect(await secretOf(webhook)).toMatchObject({ secret: webhook.secret });
});

test("a rotation within an overlap keeps what signs, up to a limit that no overlap lifts", async () => {
  const webhook = await create();
  const secrets = [webhook.secret];
  for (let live = 1; live < WEBHOOK_LIMITS.liveSecrets; live++) secrets.unshift(String((await rotate(webhook)).secret));
  expect((await ofWebhook(webhook)).map(([secret]) => secret)).toEqual(secrets);
  const refused = await health.ask("POST", path(webhook, "rotate-secret"), { token: tenant.key });
  expect(refused).toMatchObject({ status: 409, body: { code: "too_many_secrets" } });
  expect(await secretOf(webhook)).toMatchObject({ secret: secrets[0] });
  const { secret } = await rotate(webhook, { overlap_s: 0 });
  expect(await ofWebhook(webhook)).toEqual([[secret, null]]);
});

test("the secret it has is no rotation, but can end an overlap; the one before comes back", async () => {
  const webhook = await create();
  const { secret } = await rotate(webhook);
  const rows = () => sql(database.url, "SELECT version, updated_at FROM webhooks WHERE id = $1", [webhook.id]);
  const before = await rows();
  expect(await rotate(webhook, { secret: String(secret) })).toMatchObject({ secret, shared: false });
  expect(await rows()).toEqual(before);
  expect((await historyOf(webhook)).map(({ action }) => action)).toEqual(["secret_rotated", "created"]);
  await rotate(webhook, { secret: webhook.secret, overlap_s: 60 });
  expect((await ofWebhook(webhook)).map(([plain]) => plain)).toEqual([webhook.secret, secret]);
  await rotate(webhook, { secret: webhook.secret, overlap_s: 0 });
  expect(await ofWebhook(webhook)).toEqual([[webhook.secret, null]]);
});

test("two rotations at once both happen, one after the other", async () => {
  const webhook = await create();
  const both = await Promise.all([rotate(webhook), rotate(webhook)]);
  const live = (await ofWebhook(webhook)).map(([secret]) => secret);
  expect(live).toHaveLength(3);
  expect(new Set(live)).toEqual(new Set([webhook.secret, ...both.map(({ secret }) => secret)]));
  expect(await secretOf(webhook)).toMatchObject({ secret: live[0] });
});

test("it needs the webhook as it was read, where that is asked for", async () => {
  const webhook = await create();
  const { etag } = await health.expect(200, "GET", `/v1/webhooks/${webhook.id}`);
  const ask = () => {
    return health.ask("POST", path(webhook, "rotate-secret"), { headers: { "if-match": String(etag) } });
  };
  expect((await ask()).status).toBe(200);
  expect(await ask()).toMatchObject({ status: 412, body: { code: "precondition_failed" } });
});

test("history and audit log tell who rotated and until when the one before signs, never a secret", async () => {
  const webhook = await create();
  const { secret, previous_expires_at } = await rotate(webhook, { overlap_s: 60 });
  const imported = "an imported secret, kept";
  await rotate(webhook, { secret: imported, overlap_s: 0 });
  const history = await historyOf(webhook);
  expect(history[1]).toMatchObject({
    action: "secret_rotated",
    by: { kind: "api_key" },
    details: { shared: false, origin: "generated", previous_expires_at },
  });
  expect(history[0]).toMatchObject({ details: { shared: false, origin: "imported", previous_expires_at: null } });
  const audit = await sql(database.url, "SELECT * FROM audit_log WHERE resource_id = $1 ORDER BY id", [webhook.id]);
  expect(audit.map(({ action }) => action)).toEqual([
    "webhook.created",
    "webhook.secret_rotated",
    "webhook.secret_rotated",
  ]);
  const told = JSON.stringify([history, audit]);
  for (const plain of [webhook.secret, secret, imported]) expect(told).not.toContain(String(plain));
});

describe("a shared secret", () => {
  let sharing: { id: string; key: string };
  let webhooks: Made[];
  const ofTenant = () => published(`tenant/${sharing.id}`, tenantAad(sharing.id));

  beforeEach(async () => {
    sharing = await health.tenant({ dialect: "buzzmark" });
    webhooks = [await create(sharing.key), await create(sharing.key, { dialect: "standard" })];
  });

  test("is rotated for all that share it, through any of them, and for no other", async () => {
    const [first, second] = webhooks as [Made, Made];
    const own = await create(sharing.key, { secret: "0123456789abcdef" });
    const rotated = await rotate(first, { overlap_s: 3_600 }, sharing.key);
    expect(rotated.shared).toBe(true);
    for (const webhook of [first, second, await create(sharing.key)]) {
      expect(await secretOf(webhook, sharing.key)).toEqual({ secret: rotated.secret, shared: true });
    }
    expect(await secretOf(own, sharing.key)).toEqual({ secret: own.secret, shared: false });
    expect(await ofTenant()).toEqual([
      [rotated.secret, null],
      [first.secret, Date.parse(String(rotated.previous_expires_at))],
    ]);
    for (const webhook of [first, second]) {
      expect((await historyOf(webhook))[0]).toMatchObject({ action: "secret_rotated", details: { shared: true } });
    }
    expect((await historyOf(own)).map(({ action }) => action)).toEqual(["created"]);
    const audit = "SELECT action FROM audit_log WHERE resource_id = $1 ORDER BY id DESC LIMIT 1";
    expect(await sql(database.url, audit, [sharing.id])).toEqual([{ action: "tenant.secret_rotated" }]);
  });

  test("is rotated for thousands of webhooks in one go", async () => {
    const copies = `INSERT INTO webhooks SELECT (jsonb_populate_record(webhooks, jsonb_build_object('id', left(id, -4) || n))).*
      FROM webhooks, generate_series(1001, 4000) AS n WHERE id = $1`;
    const [first] = webhooks as [Made];
    await sql(database.url, copies, [first.id]);
    await rotate(first, {}, sharing.key);
    const told =
      "SELECT count(*)::int FROM webhook_history JOIN webhooks ON webhooks.id = webhook_id WHERE tenant_id = $1 AND action = 'secret_rotated'";
    expect(await sql(database.url, told, [sharing.id])).toEqual([{ count: 3_002 }]);
  });

  test("that is rotated from two sides at once, and while webhooks are changed, blocks nobody", async () => {
    const [first, second] = webhooks as [Made, Made];
    const change = (webhook: Made, description: string) =>
      health.expect(200, "PATCH", `/v1/webhooks/${webhook.id}`, { token: sharing.key, body: { description } });
    await Promise.all([
      rotate(first, {}, sharing.key),
      change(second, "a"),
      rotate(second, {}, sharing.key),
      change(first, "b"),
      create(sharing.key),
    ]);
    expect(await ofTenant()).toHaveLength(3);
  });

  test("that becomes each webhook's own goes on signing with both until the overlap ends", async () => {
    const [first] = webhooks as [Made];
    const { secret, previous_expires_at } = await rotate(first, { overlap_s: 3_600 }, sharing.key);
    await health.expect(200, "PATCH", `/v1/tenants/${sharing.id}`, { body: { shared_secret: false } });
    expect(await published(`webhook/${first.id}`, webhookAad(sharing.id, first.id))).toEqual([
      [secret, null],
      [first.secret, Date.parse(String(previous_expires_at))],
    ]);
    expect(await ofTenant()).toEqual([]);
    expect(await rotate(first, { overlap_s: 0 }, sharing.key)).toMatchObject({ shared: false });
  });
});

describe("when an overlap is over", () => {
  let postgres: Database;
  let now: number;
  let expiry: SecretExpiry;

  beforeAll(() => {
    postgres = new Database({ url: database.url, logger: { info: () => {}, warn: () => {} } });
  });
  afterAll(() => postgres.close());
  beforeEach(() => {
    now = Date.now();
    expiry = new SecretExpiry(new PostgresExpiredSecrets(postgres), () => now);
  });

  const rowsOf = ({ id }: Made) => sql(database.url, "SELECT expires_at FROM secrets WHERE webhook_id = $1", [id]);

  test("the secret before goes from the rows and from what the data plane knows, and nothing else changes", async () => {
    const webhook = await create();
    const { secret } = await rotate(webhook, { overlap_s: 60 });
    const shown = await health.expect(200, "GET", `/v1/webhooks/${webhook.id}`);
    now += 60_000;
    await expiry.sweep();
    expect(await rowsOf(webhook)).toHaveLength(2);
    now += 20_000;
    await Promise.all([expiry.sweep(), expiry.sweep()]);
    expect(await rowsOf(webhook)).toEqual([{ expires_at: null }]);
    expect(await ofWebhook(webhook)).toEqual([[secret, null]]);
    const { etag: _before, ...before } = shown;
    expect(await health.expect(200, "GET", `/v1/webhooks/${webhook.id}`)).toMatchObject(before);
  });

  test("a tenant's goes too", async () => {
    const { id, key } = await health.tenant({ dialect: "buzzmark" });
    const webhook = await create(key);
    const { secret } = await rotate(webhook, { overlap_s: 1 }, key);
    now += 30_000;
    await expiry.sweep();
    expect(await published(`tenant/${id}`, tenantAad(id))).toEqual([[secret, null]]);
  });

  test("nothing is written when there is nothing to do", async () => {
    const webhook = await create();
    await rotate(webhook, { overlap_s: 604_800 });
    const count = async () => (await sql(database.url, "SELECT count(*) FROM outbox"))[0]?.count;
    await expiry.sweep();
    const before = await count();
    await expiry.sweep();
    expect(await count()).toBe(before);
  });
});
