import { createTestDatabase, type TestDatabase } from "@waggle/testing";
import { RunningHealth } from "./running-health";
import { sql } from "./sql";

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

const ask = (
  method: string,
  path: string,
  { body, headers }: { body?: unknown; headers?: Record<string, string> } = {},
) => health.ask(method, `/v1/webhooks${path}`, { token: tenant.key, body, ...(headers && { headers }) });

async function created(): Promise<{ id: string; etag: string }> {
  const answer = await ask("POST", "", { body: { url: "https://api.acme.com/webhooks", events: ["*"] } });
  expect(answer.status).toBe(201);
  const etag = String(answer.body.etag);
  expect(answer.headers.get("etag")).toBe(etag);
  return { id: String(answer.body.id), etag };
}

const CHANGES = [
  ["PATCH", "", { description: "mine" }],
  ["POST", "/disable", undefined],
  ["POST", "/enable", undefined],
  ["DELETE", "", undefined],
] as const;

it("names the same state alike wherever it is shown, in the header and in the body", async () => {
  const { id, etag } = await created();
  const { headers, body } = await ask("GET", `/${id}`);
  expect(body.etag).toBe(etag);
  expect(headers.get("etag")).toBe(etag);
  const { body: list } = await ask("GET", "?limit=1");
  expect(list.items).toMatchObject([{ id, etag }]);
});

it("names another state after each change, and the same after none", async () => {
  const { id, etag } = await created();
  const tags = [etag];
  for (const [path, method, body] of [
    ["", "PATCH", { description: "a" }],
    ["/disable", "POST", undefined],
    ["/enable", "POST", undefined],
  ] as const) {
    const changed = await ask(method, `/${id}${path}`, { body });
    expect(changed.headers.get("etag")).toBe(changed.body.etag);
    tags.push(String(changed.body.etag));
    expect((await ask(method, `/${id}${path}`, { body })).body.etag).toBe(changed.body.etag);
    expect((await ask("GET", `/${id}`)).body.etag).toBe(changed.body.etag);
  }
  expect(new Set(tags).size).toBe(tags.length);
});

it.each(CHANGES)("%s …%s is made to what was read and to nothing else", async (method, path, body) => {
  const { id, etag } = await created();
  const { body: theirs } = await ask("PATCH", `/${id}`, { body: { description: "theirs" } });
  const stale = await ask(method, `/${id}${path}`, { body, headers: { "if-match": etag } });
  expect(stale).toMatchObject({ status: 412, body: { code: "precondition_failed" } });
  expect((await ask("GET", `/${id}`)).body).toEqual(theirs);

  const current = { "if-match": String(theirs.etag) };
  expect((await ask(method, `/${id}${path}`, { body, headers: current })).status).toBe(method === "DELETE" ? 204 : 200);
});

it("lets one of many editors with the same state win", async () => {
  const { id, etag } = await created();
  const editors = Array.from({ length: 8 }, (_, i) => `editor ${i}`);
  const answers = await Promise.all(
    editors.map((description) => ask("PATCH", `/${id}`, { body: { description }, headers: { "if-match": etag } })),
  );
  const winner = answers.find(({ status }) => status === 200);
  expect(answers.map(({ status }) => status).sort()).toEqual([200, ...editors.slice(1).map(() => 412)]);
  expect((await ask("GET", `/${id}`)).body).toEqual(winner?.body);
});

it("answers 404, not 412, about what is not there, and 422 about what is wrong", async () => {
  const { id } = await created();
  const headers = { "if-match": '"0"' };
  expect(await ask("PATCH", "/wh_01HPQRS0000000000000000000", { body: {}, headers })).toMatchObject({ status: 404 });
  expect(await ask("PATCH", `/${id}`, { body: { url: 1 }, headers })).toMatchObject({ status: 422 });
});

it("takes If-Match: * as any state", async () => {
  const { id } = await created();
  expect(await ask("DELETE", `/${id}`, { headers: { "if-match": "*" } })).toMatchObject({ status: 204 });
});

it("sends nothing to who has it already, until something can be seen differently", async () => {
  const { id, etag } = await created();
  const unchanged = await ask("GET", `/${id}`, { headers: { "if-none-match": `"other", W/${etag}` } });
  expect(unchanged).toMatchObject({ status: 304, text: "" });
  expect(unchanged.headers.get("etag")).toBe(etag);
  expect(await ask("GET", `/${id}`, { headers: { "if-none-match": '"other"' } })).toMatchObject({ status: 200 });

  const failing = "INSERT INTO webhook_states (webhook_id, tenant_id, first_failure_at) VALUES ($1, $2, now())";
  await sql(database.url, failing, [id, tenant.id]);
  const failed = await ask("GET", `/${id}`, { headers: { "if-none-match": etag } });
  expect(failed).toMatchObject({ status: 200, body: { failing_since: expect.any(String) } });
  const mended = await ask("PATCH", `/${id}`, { body: { description: "mended" }, headers: { "if-match": etag } });
  expect(mended.status).toBe(200);
});
