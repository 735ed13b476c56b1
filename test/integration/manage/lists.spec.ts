import { createTestDatabase, type TestDatabase } from "@waggle/testing";
import { RunningHealth, wrongFields } from "./running-health";

let database: TestDatabase;
let health: RunningHealth;
let tenant: { id: string; key: string };

beforeAll(async () => {
  database = await createTestDatabase();
  health = await RunningHealth.withoutKafka(database.url);
  tenant = await health.tenant();
});
afterAll(async () => {
  await health.stop();
  await database.drop();
});

async function create(): Promise<string> {
  const body = { url: "https://api.acme.com/", events: ["*"] };
  return String((await health.expect(201, "POST", "/v1/webhooks", { token: tenant.key, body })).id);
}

async function list(query: string, path = "/v1/webhooks"): Promise<{ ids: string[]; next: string | null }> {
  const token = path === "/v1/tenants" ? {} : { token: tenant.key };
  const { items, next_cursor } = await health.expect(200, "GET", `${path}?${query}`, token);
  if (!Array.isArray(items)) throw new Error("there are no items");
  return { ids: items.map(({ id }: { id: string }) => id), next: typeof next_cursor === "string" ? next_cursor : null };
}

async function walk(limit: number, path: string): Promise<string[]> {
  const all: string[] = [];
  for (let cursor = ""; ; ) {
    const { ids, next } = await list(`limit=${limit}${cursor}`, path);
    expect(ids.length).toBeLessThanOrEqual(limit);
    all.push(...ids);
    if (next === null) return all;
    cursor = `&cursor=${next}`;
  }
}

it("pages newest first, completely, and stably while things come and go", async () => {
  const made: string[] = [];
  for (let i = 0; i < 7; i++) made.push(await create());
  const newest = made.toReversed();
  expect((await list("")).ids).toEqual(newest);
  expect(await walk(3, "/v1/webhooks")).toEqual(newest);
  expect(await walk(7, "/v1/webhooks")).toEqual(newest);

  const first = await list("limit=3");
  await create();
  await health.expect(204, "DELETE", `/v1/webhooks/${newest[2]}`, { token: tenant.key });
  await health.expect(204, "DELETE", `/v1/webhooks/${newest[4]}`, { token: tenant.key });
  expect((await list(`limit=3&cursor=${first.next}`)).ids).toEqual([newest[3], newest[5], newest[6]]);
});

it.each(["/v1/tenants", "/v1/api-keys"])("pages %s too", async (path) => {
  for (let i = 0; i < 3; i++) await (path === "/v1/tenants" ? health.tenant() : health.key(tenant.id, ["publish"]));
  const { ids } = await list("limit=200", path);
  expect(ids.length).toBeGreaterThanOrEqual(4);
  expect(ids).toEqual(ids.toSorted().toReversed());
  expect(await walk(1, path)).toEqual(ids);
});

it("shows 50 unless told otherwise, and at most 200", async () => {
  const busy = await health.tenant();
  const body = { url: "https://api.acme.com/", events: ["*"] };
  const all = Array.from({ length: 51 }, () => health.expect(201, "POST", "/v1/webhooks", { token: busy.key, body }));
  await Promise.all(all);
  const page = await health.expect(200, "GET", "/v1/webhooks", { token: busy.key });
  expect(page).toMatchObject({ items: { length: 50 }, next_cursor: expect.any(String) });
  const whole = await health.expect(200, "GET", "/v1/webhooks?limit=200", { token: busy.key });
  expect(whole).toMatchObject({ items: { length: 51 }, next_cursor: null });
});

it.each([
  ["limit=0", "/limit"],
  ["limit=201", "/limit"],
  ["limit=ten", "/limit"],
  ["limit=1.5", "/limit"],
  ["limit=", "/limit"],
  ["limit=1&limit=2", "/limit"],
  ["cursor=", "/cursor"],
  ["cursor=nonsense", "/cursor"],
  [`cursor=${Buffer.from("x' OR 1=1").toString("base64url")}`, "/cursor"],
])("refuses ?%s", async (query, path) => {
  const answer = await health.ask("GET", `/v1/webhooks?${query}`, { token: tenant.key });
  expect(answer.status).toBe(422);
  expect(wrongFields(answer)).toEqual([path]);
});
