import { Database } from "@waggle/postgres";
import { createTestDatabase, type TestDatabase } from "@waggle/testing";
import { PostgresKeyUses } from "../../../apps/health/src/out/manage/key-uses.postgres";
import { RunningHealth } from "./running-health";
import { sql } from "./sql";

jest.setTimeout(60_000);

const silent = { info: () => {}, warn: () => {} };

let database: TestDatabase;
let postgres: Database;
let health: RunningHealth;
let uses: PostgresKeyUses;
let tenant: { id: string; key: string };

beforeAll(async () => {
  database = await createTestDatabase();
  health = await RunningHealth.withoutKafka(database.url);
  postgres = new Database({ url: database.url, logger: silent });
  uses = new PostgresKeyUses(postgres);
  tenant = await health.tenant();
});
afterAll(async () => {
  await postgres?.close();
  await health?.stop();
  await database?.drop();
});

async function keys(count: number): Promise<string[]> {
  const made: string[] = [];
  const body = { name: "ci", scopes: ["publish"] };
  for (let n = 0; n < count; n++) {
    made.push(String((await health.expect(201, "POST", "/v1/api-keys", { token: tenant.key, body })).id));
  }
  return made;
}

const lastUses = async (ids: readonly string[]) =>
  (await sql(database.url, "SELECT last_used_at FROM api_keys WHERE id = ANY ($1) ORDER BY id", [ids])).map(
    ({ last_used_at: at }) => (at instanceof Date ? at.getTime() : at),
  );

it("moves the last use forward, never back, to the millisecond", async () => {
  const [key_id = ""] = await keys(1);
  await uses.recordUses([{ key_id, last_used_at: 1_776_429_296_789 }]);
  expect(await lastUses([key_id])).toEqual([1_776_429_296_789]);
  await uses.recordUses([{ key_id, last_used_at: 1_776_429_296_788 }]);
  expect(await lastUses([key_id])).toEqual([1_776_429_296_789]);
});

it("passes over keys that are gone", async () => {
  const [gone = "", key_id = ""] = await keys(2);
  await health.expect(204, "DELETE", `/v1/api-keys/${gone}`, { token: tenant.key });
  await uses.recordUses([gone, "key_never", key_id].map((id) => ({ key_id: id, last_used_at: 5_000 })));
  expect(await lastUses([gone, key_id])).toEqual([5_000]);
});

it("several processes that store the same keys in other orders, while one is deleted, do not lock each other out", async () => {
  const ids = await keys(20);
  const stored = Array.from({ length: 20 }, (_, process) => {
    const order = process % 2 === 0 ? ids : ids.toReversed();
    return uses.recordUses(order.map((key_id) => ({ key_id, last_used_at: 10_000 + process })));
  });
  const [first = ""] = ids;
  await Promise.all([...stored, health.expect(204, "DELETE", `/v1/api-keys/${first}`, { token: tenant.key })]);
  expect(new Set(await lastUses(ids))).toEqual(new Set([10_019]));
});

it("changes nothing of what the directory says of a key", async () => {
  const [key_id = ""] = await keys(1);
  const version = () => sql(database.url, "SELECT version FROM api_keys WHERE id = $1", [key_id]);
  const before = await version();
  await uses.recordUses([{ key_id, last_used_at: 5_000 }]);
  expect(await version()).toEqual(before);
});
