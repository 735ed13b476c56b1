import { randomBytes } from "node:crypto";
import type { TenantEntry, WebhookEntry } from "@waggle/contracts";
import { Database } from "@waggle/postgres";
import { createSecretBox, tenantAad, webhookAad } from "@waggle/secrets";
import { createTestDatabase, type TestDatabase } from "@waggle/testing";
import { resealCommand } from "../../../apps/health/src/in/cli/reseal-command";
import { PostgresSealedStore } from "../../../apps/health/src/out/manage/sealed-store.postgres";
import { RunningHealth } from "./running-health";
import { sql } from "./sql";

jest.setTimeout(120_000);

const aKey = (kid: string) => `${kid}:${randomBytes(32).toString("base64")}`;
const [OLD, NEW] = [aKey("old"), aKey("new")];
const fresh = createSecretBox(NEW);

let database: TestDatabase;
let health: RunningHealth;
let postgres: Database;
let tenant: { id: string; key: string };

beforeEach(async () => {
  database = await createTestDatabase();
  health = await RunningHealth.withoutKafka(database.url, { SECRETS_KEYS: `${OLD},${NEW}` });
  postgres = new Database({ url: database.url, logger: { info: () => {}, warn: () => {} } });
  tenant = await health.tenant();
});
afterEach(async () => {
  await postgres?.close();
  await health?.stop();
  await database?.drop();
});

/** The command with these keys, its exit code and what it said. */
async function run(keys = `${NEW},${OLD}`, options: { readonly dryRun?: boolean; readonly looks?: number } = {}) {
  const said: string[] = [];
  const code = await resealCommand({
    store: new PostgresSealedStore(postgres),
    box: createSecretBox(keys),
    dryRun: false,
    looks: 0,
    say: (line) => said.push(line),
    pause: kafkaTakesAll,
    ...options,
  });
  return { code, said };
}

/** There is no Kafka here. */
const kafkaTakesAll = async () => void (await sql(database.url, "DELETE FROM outbox"));

async function create(token = tenant.key): Promise<{ id: string; secret: string }> {
  const body = { url: "https://api.acme.com/", events: ["*"], headers: { "X-Key": "a-header-value" } };
  const { id, secret } = await health.expect(201, "POST", "/v1/webhooks", { token, body });
  return { id: String(id), secret: String(secret) };
}

async function rotate(id: string, token = tenant.key): Promise<string> {
  return String((await health.expect(200, "POST", `/v1/webhooks/${id}/rotate-secret`, { token })).secret);
}

async function published<Entry>(key: string): Promise<Entry> {
  const statement =
    "SELECT convert_from(value, 'UTF8') AS value FROM outbox WHERE key = $1 ORDER BY version DESC LIMIT 1";
  const [row] = await sql(database.url, statement, [Buffer.from(key)]);
  return JSON.parse(String(row?.value));
}

const kidsIn = async (table: string) => {
  const rows = await sql(database.url, `SELECT * FROM ${table}`);
  return [...new Set([...JSON.stringify(rows).matchAll(/"v1\.(\w+)\./g)].map(([, kid]) => kid))].sort();
};

test("secrets, those of a rotation too, header values and kept answers move to the first key", async () => {
  const sharing = await health.tenant({ dialect: "buzzmark" });
  const [own, shared] = [await create(), await create(sharing.key)];
  const [newest, newestShared] = [await rotate(own.id), await rotate(shared.id, sharing.key)];
  const body = { url: "https://api.acme.com/", events: ["*"] };
  const asked = { token: tenant.key, body, headers: { "idempotency-key": "once" } };
  const answer = await health.expect(201, "POST", "/v1/webhooks", asked);
  const shown = await health.expect(200, "GET", `/v1/webhooks/${own.id}`);
  await kafkaTakesAll();

  const { code, said } = await run();
  expect(said).toContain("  5 secrets under old");
  expect(said).toContain("Moved what 1 tenants, 3 webhooks and 1 kept answers have.");
  expect(said.at(-1)).toBe("No other key than new is in use.");
  expect(code).toBe(0);

  for (const table of ["secrets", "webhooks", "kept_answers"]) expect(await kidsIn(table)).toEqual(["new"]);
  const webhook = await published<WebhookEntry>(`webhook/${own.id}`);
  const aad = webhookAad(tenant.id, own.id);
  expect(webhook.secrets.map(({ sealed }) => fresh.open(sealed, aad))).toEqual([newest, own.secret]);
  expect(webhook.secrets.map(({ expires_at }) => expires_at)).toEqual([null, expect.any(Number)]);
  expect(webhook.headers.map(({ sealed }) => fresh.open(sealed, aad))).toEqual(["a-header-value"]);
  const { secrets } = await published<TenantEntry>(`tenant/${sharing.id}`);
  expect(secrets.map(({ sealed }) => fresh.open(sealed, tenantAad(sharing.id)))).toEqual([newestShared, shared.secret]);

  // Nobody who asks sees a difference, but in the version.
  const { etag: _etag, ...same } = shown;
  expect(await health.expect(200, "GET", `/v1/webhooks/${own.id}`)).toMatchObject(same);
  expect(await health.expect(201, "POST", "/v1/webhooks", asked)).toEqual(answer);
});

test("a dry run says what there is under which key, and moves nothing", async () => {
  await create();
  const before = await sql(database.url, "SELECT * FROM secrets");
  const { code, said } = await run(undefined, { dryRun: true });
  expect(code).toBe(2);
  expect(said).toEqual([
    "Everything is to be sealed under new. Now there are:",
    "  1 header values under old",
    "  2 values on their way to Kafka under old",
    "  1 secrets under old",
    "4 values are sealed under other keys.",
  ]);
  expect(await sql(database.url, "SELECT * FROM secrets")).toEqual(before);
  expect((await run(OLD, { dryRun: true })).code).toBe(0);
});

test("it waits for Kafka to take what was sealed before, and says so when it does not", async () => {
  await create();
  expect((await run()).code).toBe(2);
  const { code, said } = await run(undefined, { looks: 1 });
  expect(code).toBe(0);
  expect(said).toContain("Waiting until Kafka has taken it …");
});

test("what has no key is named and left alone, the rest moves", async () => {
  const [lost, other] = [await create(), await create()];
  const stranger = createSecretBox(aKey("lost")).seal("?", webhookAad(tenant.id, lost.id));
  await sql(database.url, "UPDATE secrets SET sealed = $1 WHERE webhook_id = $2", [stranger, lost.id]);
  await kafkaTakesAll();
  const { code, said } = await run();
  expect(code).toBe(2);
  expect(said).toContain(`Cannot be opened with any of SECRETS_KEYS: something of ${lost.id}`);
  expect(said).toContain("  1 secrets under lost");
  const [row] = await sql(database.url, "SELECT sealed FROM secrets WHERE webhook_id = $1", [other.id]);
  expect(fresh.open(String(row?.sealed), webhookAad(tenant.id, other.id))).toBe(other.secret);
});

test("it goes on after an interruption, and nothing that is changed or rotated meanwhile is lost", async () => {
  const webhooks = [];
  for (let made = 0; made < 250; made += 25) {
    webhooks.push(...(await Promise.all(Array.from({ length: 25 }, () => create()))));
  }
  await kafkaTakesAll();
  const changing = Promise.all(
    webhooks.slice(0, 60).map(async ({ id }, index) => {
      if (index % 2 === 0) return rotate(id);
      const body = { description: `changed ${index}`, headers: { "X-Key": `changed ${index}` } };
      await health.expect(200, "PATCH", `/v1/webhooks/${id}`, { token: tenant.key, body });
      return `changed ${index}`;
    }),
  );
  let batches = 0;
  const store = new PostgresSealedStore(postgres);
  const broken = Object.create(store, {
    moveBatch: {
      value: (...asked: Parameters<PostgresSealedStore["moveBatch"]>) => {
        if (asked[0] === "webhooks" && ++batches === 2) throw new Error("the connection broke");
        return store.moveBatch(...asked);
      },
    },
  });
  const options = {
    box: createSecretBox(`${NEW},${OLD}`),
    dryRun: false,
    looks: 0,
    say: () => {},
    pause: kafkaTakesAll,
  };
  await expect(resealCommand({ ...options, store: broken })).rejects.toThrow("the connection broke");
  await run();
  const changed = await changing;
  await run();
  for (const table of ["secrets", "webhooks"]) expect(await kidsIn(table)).toEqual(["new"]);
  for (const [index, what] of changed.entries()) {
    const { id, secret } = webhooks[index] ?? { id: "", secret: "" };
    const aad = webhookAad(tenant.id, id);
    const { secrets, headers } = await published<WebhookEntry>(`webhook/${id}`);
    const rotated = index % 2 === 0;
    expect(fresh.open(secrets[0]?.sealed ?? "", aad)).toBe(rotated ? what : secret);
    expect(fresh.open(headers[0]?.sealed ?? "", aad)).toBe(rotated ? "a-header-value" : what);
  }
});
