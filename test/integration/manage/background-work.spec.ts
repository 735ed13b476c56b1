import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTestDatabase, eventually, type TestDatabase } from "@waggle/testing";
import { type PrivateKafka, startPrivateKafka } from "./private-kafka";
import { RunningHealth } from "./running-health";
import { sql } from "./sql";

jest.setTimeout(120_000);

let kafka: PrivateKafka;
let database: TestDatabase;
let blobs: string;

beforeAll(async () => {
  blobs = await mkdtemp(join(tmpdir(), "background-"));
  kafka = await startPrivateKafka();
  database = await createTestDatabase();
});
afterAll(async () => {
  await kafka.broker.close();
  await database.drop();
  await rm(blobs, { recursive: true });
});

/** What is to be cleared away in a database that was left alone for long. */
const LEFTOVERS = {
  secrets: `INSERT INTO secrets (tenant_id, webhook_id, sealed, expires_at)
    SELECT tenant_id, id, 'v1.old', now() - interval '1 hour' FROM webhooks`,
  kept_answers: `INSERT INTO kept_answers (tenant_id, key, sealed, kept_at)
    VALUES ('', 'old', 'v1.old', now() - interval '2 days')`,
  audit_log: `INSERT INTO audit_log (id, at, actor, action, resource_id)
    VALUES ('aud_00000000000000000000000000', '1970-01-01', 'waggle', 'incident.opened', 'inc_old')`,
} as const;

const LEFT = `SELECT (SELECT count(*)::integer FROM secrets WHERE sealed = 'v1.old')
  + (SELECT count(*)::integer FROM kept_answers WHERE key = 'old')
  + (SELECT count(*)::integer FROM audit_log WHERE resource_id = 'inc_old') AS count`;

it("begins with the app", async () => {
  const before = await RunningHealth.withoutKafka(database.url);
  const { key: token } = await before.tenant();
  const body = { url: "https://api.acme.com/", events: ["*"] };
  await before.expect(201, "POST", "/v1/webhooks", { token, body });
  await before.stop();
  for (const statement of Object.values(LEFTOVERS)) await sql(database.url, statement);
  expect(await sql(database.url, LEFT)).toEqual([{ count: Object.keys(LEFTOVERS).length }]);

  await mkdir(join(blobs, "1970-01-01", "aa"), { recursive: true });

  const health = await RunningHealth.start(database.url, kafka.broker.brokers, { BLOB_DIR: blobs });
  try {
    await eventually("nothing is left", async () => {
      const [left] = await sql(database.url, LEFT);
      return left?.count === 0 && (await readdir(blobs)).length === 0;
    });
  } finally {
    await health.stop();
  }
});
