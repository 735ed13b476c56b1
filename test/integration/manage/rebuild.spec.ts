import type { DirectoryRecord } from "@waggle/contracts";
import { createTestDatabase, eventually, type TestDatabase } from "@waggle/testing";
import { DirectoryLog } from "./directory-log";
import { type PrivateKafka, startPrivateKafka } from "./private-kafka";
import { RunningHealth } from "./running-health";
import { sql } from "./sql";

jest.setTimeout(120_000);

const DAY_MS = 86_400_000;
const webhook = { url: "https://api.acme.com/", events: ["*"] };

let kafka: PrivateKafka;
let log: DirectoryLog;
let database: TestDatabase;
let health: RunningHealth;
let tenant: { id: string; key: string };

beforeAll(async () => {
  [kafka, database] = await Promise.all([startPrivateKafka(), createTestDatabase()]);
  log = await DirectoryLog.open(kafka);
  health = await RunningHealth.withoutKafka(database.url);
  tenant = await health.tenant({ dialect: "buzzmark" });
});
afterAll(async () => {
  await health?.stop();
  await log?.close();
  await kafka?.broker.close();
  await database?.drop();
});

async function create(settings: object = {}): Promise<string> {
  const body = { ...webhook, ...settings };
  return String((await health.expect(201, "POST", "/v1/webhooks", { token: tenant.key, body })).id);
}

const remove = (id: string) => health.expect(204, "DELETE", `/v1/webhooks/${id}`, { token: tenant.key });
const query = (statement: string, ...values: unknown[]) => sql(database.url, statement, values);
const settled = () =>
  eventually("an empty outbox", async () => (await query("SELECT FROM outbox")).length === 0, 20_000);
const isDeleted = (entry: DirectoryRecord["entry"]) => entry?.deleted === true;

async function restart(): Promise<void> {
  await health.stop();
  health = await RunningHealth.start(database.url, kafka.broker.brokers);
  await settled();
}

it("fills an empty Kafka with all there is, deletions included, at the versions they have", async () => {
  const [kept, changed, gone] = [await create(), await create({ secret: "0123456789abcdef" }), await create()];
  await health.expect(200, "PATCH", `/v1/webhooks/${changed}`, { token: tenant.key, body: { tags: ["a"] } });
  await remove(gone);
  // Published long ago, to a Kafka that is no more.
  await query("DELETE FROM outbox");
  const expected = await query(
    `SELECT 'tenant/' || id AS key, version FROM tenants UNION ALL SELECT 'api-key/' || key_hash, version FROM api_keys
     UNION ALL SELECT 'webhook/' || id, version FROM webhooks
     UNION ALL SELECT 'inbound/' || hash, version FROM inbound_addresses
     UNION ALL SELECT key, version FROM directory_deletions`,
  );
  expect(expected.length).toBe(6);

  await restart();
  await log.until(`webhook/${gone}`, isDeleted);
  const published = log.records.map(({ kind, id, entry }) => ({
    key: `${kind}/${id}`,
    version: String(entry?.version),
  }));
  const byKey = (a: { key?: unknown }, b: { key?: unknown }) => String(a.key).localeCompare(String(b.key));
  expect(published.sort(byKey)).toEqual(expected.sort(byKey));
  expect(await log.until(`webhook/${changed}`, () => true)).toMatchObject({ tags: ["a"], secrets: [{}] });
  expect(await log.until(`webhook/${kept}`, () => true)).toMatchObject({ secrets: [] });
});

it("writes nothing when nothing differs", async () => {
  const before = log.records.length;
  await restart();
  await log.until(`webhook/${await create()}`, () => true);
  expect(log.records.length).toBe(before + 1);
});

it("makes Kafka follow a database that was restored from a backup", async () => {
  const [changedSince, madeSince, deletedSince, renumbered, untouched] = await Promise.all([
    create(),
    create(),
    create(),
    create(),
    create(),
  ]);
  const [backedUp] = await query("SELECT * FROM webhooks WHERE id = $1", deletedSince);
  const [backupVersion] = await query("SELECT last_value FROM directory_version");
  await health.expect(200, "PATCH", `/v1/webhooks/${changedSince}`, {
    token: tenant.key,
    body: { url: "https://lost.acme.com/" },
  });
  await remove(deletedSince);
  await settled();
  const highest = Math.max(...log.records.map(({ entry }) => entry?.version ?? 0));
  await health.stop();

  await query("UPDATE webhooks SET url = $2, version = version - 1 WHERE id = $1", changedSince, webhook.url);
  await query("DELETE FROM webhooks WHERE id = $1", madeSince);
  await query("DELETE FROM directory_deletions WHERE key = $1", `webhook/${deletedSince}`);
  await query("INSERT INTO webhooks SELECT * FROM jsonb_populate_record(NULL::webhooks, $1)", JSON.stringify(backedUp));
  // As if the version had been handed out again, for something else.
  await query("UPDATE webhooks SET tags = '{other}' WHERE id = $1", renumbered);
  await query("SELECT setval('directory_version', $1)", backupVersion?.last_value);

  health = await RunningHealth.start(database.url, kafka.broker.brokers);
  await settled();
  const above = (entry: DirectoryRecord["entry"]) => (entry?.version ?? 0) > highest;
  expect(await log.until(`webhook/${changedSince}`, above)).toMatchObject({ deleted: false, url: webhook.url });
  expect(await log.until(`webhook/${madeSince}`, above)).toMatchObject({ deleted: true });
  expect(await log.until(`webhook/${deletedSince}`, above)).toMatchObject({ deleted: false, id: deletedSince });
  expect(await log.until(`webhook/${renumbered}`, above)).toMatchObject({ deleted: false, tags: ["other"] });
  expect(log.entries(`webhook/${untouched}`)).toHaveLength(1);
  expect((await log.until(`webhook/${await create()}`, () => true)).version).toBeGreaterThan(highest);
  for (const id of [changedSince, deletedSince, renumbered]) {
    const [row] = await query("SELECT version FROM webhooks WHERE id = $1", id);
    expect(log.entries(`webhook/${id}`).at(-1)?.version).toBe(Number(row?.version));
  }
});

it("removes the last trace of a deletion after eight days", async () => {
  const [old, recent, forgotten] = await Promise.all([create(), create(), create()]);
  await Promise.all([old, recent, forgotten].map(remove));
  await settled();
  const deletion = await log.until(`webhook/${forgotten}`, isDeleted);
  const age = (id: string, days: number) =>
    query(
      "UPDATE directory_deletions SET deleted_at = $2 WHERE key = $1",
      `webhook/${id}`,
      new Date(Date.now() - days * DAY_MS),
    );
  await age(old, 8.01);
  await age(recent, 7.99);
  // A database restored from before this deletion learns of it from Kafka.
  await query("DELETE FROM directory_deletions WHERE key = $1", `webhook/${forgotten}`);

  await restart();
  await eventually("a tombstone", () => log.entries(`webhook/${old}`).at(-1) === null);
  expect(log.entries(`webhook/${recent}`).at(-1)).toMatchObject({ deleted: true });
  const remembered = await query("SELECT key, version FROM directory_deletions WHERE key = ANY($1)", [
    `webhook/${old}`,
    `webhook/${forgotten}`,
  ]);
  expect(remembered).toEqual([{ key: `webhook/${forgotten}`, version: String(deletion.version) }]);
});
