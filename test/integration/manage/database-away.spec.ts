import { createTestDatabase, eventually, type TestDatabase } from "@waggle/testing";
import { PostgresProxy } from "../observe/postgres-proxy";
import { type Answer, RunningHealth } from "./running-health";
import { sql } from "./sql";

jest.setTimeout(60_000);

let database: TestDatabase;
let proxy: PostgresProxy;
let health: RunningHealth;
let tenant: { id: string; key: string };

beforeAll(async () => {
  database = await createTestDatabase();
  proxy = await PostgresProxy.to(database.url);
  health = await RunningHealth.withoutKafka(proxy.url);
  tenant = await health.tenant();
});
beforeEach(() => proxy.open());
afterAll(async () => {
  await health.stop();
  await proxy.close();
  await database.drop();
});

const webhook = { url: "https://api.acme.com/", events: ["*"] };

async function timed(asked: Promise<Answer>): Promise<{ answer: Answer; seconds: number }> {
  const startedAt = performance.now();
  const answer = await asked;
  return { answer, seconds: (performance.now() - startedAt) / 1_000 };
}

/** More at once than there are connections. */
function askEverything(): Promise<{ answer: Answer; seconds: number }[]> {
  const asked = Array.from({ length: 12 }, () => [
    health.ask("GET", "/v1/webhooks"),
    health.ask("GET", "/v1/webhooks", { token: tenant.key }),
    health.ask("POST", `/v1/webhooks?tenant_id=${tenant.id}`, { body: webhook }),
  ]);
  return Promise.all(asked.flat().map(timed));
}

async function expectRecovery(): Promise<void> {
  proxy.open();
  await eventually("an answer", async () => (await health.ask("GET", "/v1/webhooks")).status === 200, 5_000);
  expect(await health.ask("POST", "/v1/webhooks", { token: tenant.key, body: webhook })).toMatchObject({ status: 201 });
}

it.each(["freeze", "cut"] as const)(
  "answers 503 in time while PostgreSQL is away (%s), and is back after",
  async (how) => {
    proxy[how]();
    for (const { answer, seconds } of await askEverything()) {
      expect(answer).toMatchObject({ status: 503, body: { code: "database_unavailable" } });
      expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
      expect(seconds).toBeLessThan(how === "cut" ? 3 : 9);
    }
    await expectRecovery();
  },
);

it("needs no database to refuse a token that cannot be one", async () => {
  proxy.freeze();
  const { answer, seconds } = await timed(health.ask("GET", "/v1/webhooks", { token: "nonsense" }));
  expect(answer.status).toBe(401);
  expect(seconds).toBeLessThan(1);
});

it("answers probes and scrapes meanwhile", async () => {
  proxy.freeze();
  const startedAt = performance.now();
  await health.metric("waggle_outbox_oldest_seconds");
  expect(performance.now() - startedAt).toBeLessThan(6_000);
  await expectRecovery();
});

it("does not mind connections that were ended by the server", async () => {
  await askEverything();
  await sql(
    database.url,
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
  );
  await expectRecovery();
  for (const { answer } of await askEverything()) expect(answer.status).toBeLessThan(300);
});

it("leaves nothing of a change that was cut off", async () => {
  const count = async () =>
    (
      await sql(
        database.url,
        "SELECT (SELECT count(*) FROM webhooks) AS rows, (SELECT count(*) FROM outbox WHERE convert_from(key, 'UTF8') LIKE 'webhook/%') AS records",
      )
    )[0];
  const asked = Array.from({ length: 20 }, () =>
    health.ask("POST", "/v1/webhooks", { token: tenant.key, body: webhook }),
  );
  await eventually("the first change", async () => Number((await count())?.rows) > 0);
  proxy.cut();
  const answers = await Promise.all(asked);
  proxy.open();
  const { rows, records } = (await count()) ?? {};
  expect(records).toBe(rows);
  expect(Number(rows)).toBeGreaterThanOrEqual(answers.filter(({ status }) => status === 201).length);
});
