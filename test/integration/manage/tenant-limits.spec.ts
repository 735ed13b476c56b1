import { createTestDatabase, type TestDatabase } from "@waggle/testing";
import { RunningHealth } from "./running-health";

const MOST = { MAX_WEBHOOKS_PER_TENANT: "3", MAX_API_KEYS_PER_TENANT: "4" };

let database: TestDatabase;
let health: RunningHealth;
let tenant: { id: string; key: string };

beforeAll(async () => {
  database = await createTestDatabase();
  health = await RunningHealth.withoutKafka(database.url, MOST);
});
beforeEach(async () => {
  tenant = await health.tenant();
});
afterAll(async () => {
  await health.stop();
  await database.drop();
});

const BODIES = {
  webhooks: { url: "https://api.acme.com/webhooks", events: ["*"] },
  "api-keys": { name: "ci", scopes: ["publish"] },
} as const;

/** What a tenant begins with is counted too: one key. */
const THINGS = [
  { things: "webhooks", room: 3 },
  { things: "api-keys", room: 3 },
] as const;

const create = (things: keyof typeof BODIES, to = health) =>
  to.ask("POST", `/v1/${things}`, { token: tenant.key, body: BODIES[things] });

it.each(THINGS)(
  "takes as many $things as a tenant may have, and one more when one is gone",
  async ({ things, room }) => {
    for (let i = 0; i < room - 1; i++) expect((await create(things)).status).toBe(201);
    const last = await create(things);
    expect(last.status).toBe(201);
    expect(await create(things)).toMatchObject({ status: 409, body: { code: "limit_reached" } });
    await health.expect(204, "DELETE", `/v1/${things}/${last.body.id}`, { token: tenant.key });
    expect((await create(things)).status).toBe(201);
    expect((await create(things)).status).toBe(409);
  },
);

it.each(THINGS)("takes no more of many $things at once, over two processes", async ({ things, room }) => {
  const second = await RunningHealth.withoutKafka(database.url, MOST);
  try {
    const answers = await Promise.all(Array.from({ length: 10 }, (_, i) => create(things, i % 2 ? second : health)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(room);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(10 - room);
  } finally {
    await second.stop();
  }
});

it("holds for the operator as well, and for each tenant by itself", async () => {
  for (let i = 0; i < 3; i++) await create("webhooks");
  const body = BODIES.webhooks;
  expect(await health.ask("POST", `/v1/webhooks?tenant_id=${tenant.id}`, { body })).toMatchObject({ status: 409 });
  const other = await health.tenant();
  expect(await health.ask("POST", `/v1/webhooks?tenant_id=${other.id}`, { body })).toMatchObject({ status: 201 });
});

it("leaves a tenant what it has when the limit is lowered", async () => {
  for (let i = 0; i < 3; i++) await create("webhooks");
  const stricter = await RunningHealth.withoutKafka(database.url, { ...MOST, MAX_WEBHOOKS_PER_TENANT: "2" });
  try {
    const { body } = await stricter.ask("GET", "/v1/webhooks", { token: tenant.key });
    expect(body.items).toHaveLength(3);
    expect((await create("webhooks", stricter)).status).toBe(409);
  } finally {
    await stricter.stop();
  }
});
