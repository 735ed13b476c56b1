import { createTestDatabase, eventually, type TestDatabase } from "@waggle/testing";
import { RunningIngest } from "../ingest/running-ingest";
import { type PrivateKafka, startPrivateKafka } from "./private-kafka";
import { RunningHealth } from "./running-health";

jest.setTimeout(120_000);

/** What a change may take to reach ingest. Source: contract §4. */
const EFFECTIVE_MS = 5_000;

let kafka: PrivateKafka;
let database: TestDatabase;
let health: RunningHealth;
let ingest: RunningIngest;
let tenant: { id: string; key: string };

beforeAll(async () => {
  [kafka, database] = await Promise.all([startPrivateKafka(), createTestDatabase()]);
  const { brokers } = kafka.broker;
  [health, ingest] = await Promise.all([RunningHealth.start(database.url, brokers), RunningIngest.start({ brokers })]);
  tenant = await health.tenant();
});
afterAll(async () => {
  await ingest?.stop();
  await health?.stop();
  await kafka?.broker.close();
  await database?.drop();
});

const event = { type: "open", data: { email_id: "msg_1", to: "customer@example.com" } };

async function create(settings: object = {}): Promise<{ id: string; key: string }> {
  const body = { name: "ci", scopes: ["publish", "manage"], ...settings };
  const { id, key } = await health.expect(201, "POST", "/v1/api-keys", { token: tenant.key, body });
  return { id: String(id), key: String(key) };
}

const publish = async (key: string, body: unknown = event) => (await ingest.publish(body, { key })).status;
const isKnown = (key: string) => eventually("ingest to know the key", async () => (await publish(key)) === 202);

async function lastUse(id: string): Promise<number | null> {
  const { last_used_at } = await health.expect(200, "GET", `/v1/api-keys/${id}`, { token: tenant.key });
  return typeof last_used_at === "string" ? Date.parse(last_used_at) : null;
}

const isUsed = (id: string) => eventually("the use to be stored", () => lastUse(id), 20_000);

it("publishing is a use of the key, at the time at which the events were accepted", async () => {
  const { id, key } = await create();
  expect(await lastUse(id)).toBeNull();
  const before = Date.now();
  await isKnown(key);
  const after = Date.now();
  const used = await isUsed(id);
  expect(used).toBeGreaterThanOrEqual(before);
  expect(used).toBeLessThanOrEqual(after);
});

it("what ingest refuses is no use of the key", async () => {
  const refused = await create();
  const used = await create();
  await eventually("ingest to know the key", async () => (await publish(refused.key, { type: "nope" })) === 422);
  await isKnown(used.key);
  await isUsed(used.id);
  expect(await lastUse(refused.id)).toBeNull();
});

it("managing is a use of the key", async () => {
  const { id, key } = await create();
  const before = Date.now();
  await health.expect(200, "GET", "/v1/webhooks", { token: key });
  const after = Date.now();
  const used = await isUsed(id);
  expect(used).toBeGreaterThanOrEqual(before);
  expect(used).toBeLessThanOrEqual(after);
});

it("a deleted key is refused by ingest too, in time", async () => {
  const { id, key } = await create();
  await isKnown(key);
  await health.expect(204, "DELETE", `/v1/api-keys/${id}`, { token: tenant.key });
  await eventually("ingest to refuse it", async () => (await publish(key)) === 401, EFFECTIVE_MS);
});

it("a key that expires is refused by ingest from then on", async () => {
  const until = Date.now() + 3_000;
  const { key } = await create({ expires_at: new Date(until).toISOString() });
  await isKnown(key);
  await eventually("ingest to refuse it", async () => (await publish(key)) === 401, EFFECTIVE_MS);
  expect(Date.now()).toBeGreaterThanOrEqual(until);
});
