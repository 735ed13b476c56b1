import {
  appendToOutbox,
  Database,
  nextVersions,
  oldestInOutbox,
  raiseVersionsAbove,
  removeFromOutbox,
  runMigrations,
} from "@waggle/postgres";
import { createTestDatabase, type TestDatabase } from "@waggle/testing";
import { PostgresManagementStore } from "../../../apps/health/src/out/manage/management-store.postgres";
import { RunningHealth } from "./running-health";
import { sql } from "./sql";

jest.setTimeout(60_000);

let database: TestDatabase;
let health: RunningHealth;
let postgres: Database;
let tenant: { id: string; key: string };
const silent = { info: () => {}, warn: () => {} };

beforeAll(async () => {
  database = await createTestDatabase();
  health = await RunningHealth.withoutKafka(database.url);
  postgres = new Database({ url: database.url, logger: silent });
  tenant = await health.tenant();
});
afterAll(async () => {
  await postgres.close();
  await health.stop();
  await database.drop();
});

const webhook = { url: "https://api.acme.com/", events: ["*"] };

interface Entry {
  readonly version: number;
  readonly deleted: boolean;
  readonly url?: string;
}

/** What waits for Kafka about one thing, in the order it will be published. */
async function waiting(key: string): Promise<Entry[]> {
  const statement = "SELECT version, convert_from(value, 'UTF8') AS value FROM outbox WHERE key = $1 ORDER BY version";
  const rows = await sql(database.url, statement, [Buffer.from(key)]);
  return rows.map(({ version, value }) => {
    const entry: Entry = JSON.parse(String(value));
    expect(String(entry.version)).toBe(version);
    return entry;
  });
}

it("holds one record for each change, in one order with the rows", async () => {
  const { id } = await health.expect(201, "POST", "/v1/webhooks", { token: tenant.key, body: webhook });
  const urls = Array.from({ length: 30 }, (_, i) => `https://api.acme.com/${i}`);
  await Promise.all(
    urls.map((url) => health.expect(200, "PATCH", `/v1/webhooks/${id}`, { token: tenant.key, body: { url } })),
  );
  const entries = await waiting(`webhook/${id}`);
  expect(entries).toHaveLength(31);
  expect(new Set(entries.slice(1).map(({ url }) => url))).toEqual(new Set(urls));
  const [row] = await sql(database.url, "SELECT url, version FROM webhooks WHERE id = $1", [id]);
  expect(row).toEqual({ url: entries.at(-1)?.url, version: String(entries.at(-1)?.version) });

  await health.expect(204, "DELETE", `/v1/webhooks/${id}`, { token: tenant.key });
  expect((await waiting(`webhook/${id}`)).at(-1)).toEqual({
    version: expect.any(Number),
    deleted: true,
    deleted_at: expect.any(Number),
  });
});

it("holds nothing of what changes nothing, is refused or fails", async () => {
  const { id } = await health.expect(201, "POST", "/v1/webhooks", { token: tenant.key, body: webhook });
  const ask = (method: string, path: string, body?: object) =>
    health.ask(method, `/v1/webhooks/${id}${path}`, { token: tenant.key, body });
  await ask("PATCH", "", {});
  await ask("PATCH", "", webhook);
  await ask("POST", "/enable");
  await ask("PATCH", "", { url: "https://10.0.0.1/" });
  await ask("PATCH", "", { headers: { "X-New": "***" } });
  expect(await waiting(`webhook/${id}`)).toHaveLength(1);

  const before = await sql(database.url, "SELECT count(*) FROM outbox");
  const store = new PostgresManagementStore(postgres);
  await expect(
    store.change(async (changes) => {
      const locked = await changes.lockWebhook(String(id));
      if (!locked) throw new Error("there is no webhook");
      await changes.putWebhooks([{ ...locked.webhook, url: "https://never.acme.com/" }]);
      throw new Error("after all not");
    }),
  ).rejects.toThrow("after all not");
  expect(await sql(database.url, "SELECT count(*) FROM outbox")).toEqual(before);
  expect((await ask("GET", "")).body).toMatchObject({ url: webhook.url });
});

it("tells of everything that goes with a tenant", async () => {
  const doomed = await health.tenant({ dialect: "buzzmark" });
  const made = [];
  for (let i = 0; i < 3; i++)
    made.push(await health.expect(201, "POST", "/v1/webhooks", { token: doomed.key, body: webhook }));
  const [key] = await sql(database.url, "SELECT key_hash FROM api_keys WHERE tenant_id = $1", [doomed.id]);
  await health.expect(204, "DELETE", `/v1/tenants/${doomed.id}`);
  for (const thing of [`tenant/${doomed.id}`, `api-key/${key?.key_hash}`, ...made.map(({ id }) => `webhook/${id}`)]) {
    expect((await waiting(thing)).at(-1)).toMatchObject({ deleted: true });
  }
});

it("is consistent when a tenant is deleted while webhooks are made, changed and deleted", async () => {
  for (let round = 0; round < 5; round++) {
    const doomed = await health.tenant({ dialect: "buzzmark" });
    const ids: string[] = [];
    for (let i = 0; i < 4; i++) {
      ids.push(String((await health.expect(201, "POST", "/v1/webhooks", { token: doomed.key, body: webhook })).id));
    }
    const asked = ids.flatMap((id) => [
      health.ask("PATCH", `/v1/webhooks/${id}`, { body: { url: `https://api.acme.com/${id}` } }),
      health.ask("POST", `/v1/webhooks/${id}/disable`),
      health.ask("POST", `/v1/webhooks?tenant_id=${doomed.id}`, { body: { ...webhook, secret: "0123456789abcdef" } }),
      health.ask("GET", `/v1/webhooks/${id}/secret`),
    ]);
    const removal = health.ask("DELETE", `/v1/tenants/${doomed.id}`);
    const unshare = health.ask("PATCH", `/v1/tenants/${doomed.id}`, { body: { shared_secret: false } });
    for (const { status } of await Promise.all(asked)) expect([200, 201, 404]).toContain(status);
    expect((await removal).status).toBe(204);
    expect([200, 404]).toContain((await unshare).status);
    const records = await sql(
      database.url,
      "SELECT convert_from(key, 'UTF8') AS key, convert_from(value, 'UTF8') AS value FROM outbox ORDER BY version",
    );
    const last = new Map(
      records.map(({ key, value }): [string, { deleted: boolean; tenant_id?: string }] => [
        String(key),
        JSON.parse(String(value)),
      ]),
    );
    for (const [key, entry] of last) if (entry.tenant_id === doomed.id) throw new Error(`${key} outlived its tenant`);
    for (const id of ids) expect(last.get(`webhook/${id}`)).toMatchObject({ deleted: true });
  }
});

it("hands out bytes, headers and partitions as they were put in", async () => {
  const records = [
    {
      topic: "one",
      key: "ü",
      value: Buffer.from([0, 255, 10]),
      headers: { recipient: "a\u0000b@acme.com", tags: '["é"]' },
      partition: 7,
    },
    { topic: "two", key: null, value: null },
  ];
  await postgres.transaction(async (manager) => {
    const versions = await nextVersions(manager, 2);
    await appendToOutbox(
      manager,
      records.map((record, index) => ({ ...record, version: versions[index] ?? 0 })),
    );
  });
  const all = await postgres.read((manager) => oldestInOutbox(manager, { records: 10_000, bytes: 100_000_000 }));
  const [one, two] = all.slice(-2);
  expect(one).toMatchObject({ ...records[0], key: Buffer.from("ü") });
  expect(two).toMatchObject({ topic: "two", key: null, value: null, headers: {} });
  expect(two).not.toHaveProperty("partition");
});

it("hands out the oldest first, at most so many and so large", async () => {
  const versions = await postgres.transaction(async (manager) => {
    await removeFromOutbox(
      manager,
      (await oldestInOutbox(manager, { records: 10_000, bytes: 100_000_000 })).map(({ version }) => version),
    );
    const drawn = await nextVersions(manager, 4);
    await appendToOutbox(
      manager,
      drawn.toReversed().map((version) => ({ version, topic: "t", key: "k", value: Buffer.alloc(100) })),
    );
    return drawn;
  });
  const oldest = (records: number, bytes: number) =>
    postgres.read(async (manager) => (await oldestInOutbox(manager, { records, bytes })).map(({ version }) => version));
  expect(await oldest(10, 10_000)).toEqual(versions);
  expect(await oldest(3, 10_000)).toEqual(versions.slice(0, 3));
  expect(await oldest(10, 250)).toEqual(versions.slice(0, 2));
  expect(await oldest(10, 1)).toEqual(versions.slice(0, 1));
});

describe("versions", () => {
  const draw = async () => (await postgres.transaction((manager) => nextVersions(manager, 1)))[0] ?? 0;

  it("are raised, never lowered", async () => {
    const now = await draw();
    await postgres.transaction((manager) => raiseVersionsAbove(manager, now - 1));
    expect(await draw()).toBe(now + 1);
    await postgres.transaction((manager) => raiseVersionsAbove(manager, now + 1_000));
    expect(await draw()).toBe(now + 1_001);
  });

  it("are never repeated, also while they are raised", async () => {
    const start = await draw();
    const raises = Array.from({ length: 10 }, (_, i) =>
      postgres.transaction((manager) => raiseVersionsAbove(manager, start + i * 3)),
    );
    const drawn = await Promise.all(Array.from({ length: 60 }, draw));
    await Promise.all(raises);
    expect(new Set(drawn).size).toBe(60);
  });
});

it("is made once when several processes start at the same time", async () => {
  const empty = await createTestDatabase();
  await Promise.all(Array.from({ length: 4 }, () => runMigrations({ url: empty.url, logger: silent })));
  const applied = await sql(empty.url, "SELECT name FROM schema_migrations ORDER BY id");
  expect(new Set(applied.map(({ name }) => name)).size).toBe(applied.length);
  expect(applied[0]).toEqual({ name: "ManagementTables0000000000001" });
  await empty.drop();
});
