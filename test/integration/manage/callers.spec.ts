import { createTestDatabase, type TestDatabase } from "@waggle/testing";
import { type Answer, RunningHealth, wrongFields } from "./running-health";

let database: TestDatabase;
let health: RunningHealth;
let own: { id: string; key: string };
let other: { id: string; key: string };
let publishKey: string;
let webhook: string;
let apiKey: string;

const valid = { url: "https://api.acme.com/", events: ["*"] };
const NEVER = "00000000000000000000000000";

beforeAll(async () => {
  database = await createTestDatabase();
  health = await RunningHealth.withoutKafka(database.url);
  own = await health.tenant();
  other = await health.tenant();
  publishKey = await health.key(own.id, ["publish"]);
  webhook = String((await health.expect(201, "POST", "/v1/webhooks", { token: own.key, body: valid })).id);
  const body = { name: "kept", scopes: ["publish"] };
  apiKey = String((await health.expect(201, "POST", "/v1/api-keys", { token: own.key, body })).id);
});
afterAll(async () => {
  await health.stop();
  await database.drop();
});

type Route = readonly [method: string, path: string];
const OPERATOR_ROUTES: readonly Route[] = [
  ["POST", "/v1/tenants"],
  ["GET", "/v1/tenants"],
  ["GET", "/v1/tenants/{tenant}"],
  ["PATCH", "/v1/tenants/{tenant}"],
  ["DELETE", "/v1/tenants/{tenant}"],
  ["GET", "/v1/incident"],
  ["POST", "/v1/incident/close"],
];
const TENANT_ROUTES: readonly Route[] = [
  ["POST", "/v1/api-keys"],
  ["GET", "/v1/api-keys"],
  ["GET", "/v1/audit-log"],
  ["POST", "/v1/webhooks"],
  ["GET", "/v1/webhooks"],
];
const THING_ROUTES: readonly Route[] = [
  ["GET", "/v1/api-keys/{key}"],
  ["DELETE", "/v1/api-keys/{key}"],
  ["GET", "/v1/webhooks/{webhook}"],
  ["PATCH", "/v1/webhooks/{webhook}"],
  ["DELETE", "/v1/webhooks/{webhook}"],
  ["POST", "/v1/webhooks/{webhook}/enable"],
  ["POST", "/v1/webhooks/{webhook}/disable"],
  ["GET", "/v1/webhooks/{webhook}/secret"],
  ["GET", "/v1/webhooks/{webhook}/health"],
  ["GET", "/v1/webhooks/{webhook}/attempts"],
  ["GET", "/v1/webhooks/{webhook}/history"],
];
const ROUTES = [...OPERATOR_ROUTES, ...TENANT_ROUTES, ...THING_ROUTES];

function real(path: string): string {
  return path.replace("{tenant}", own.id).replace("{key}", apiKey).replace("{webhook}", webhook);
}

function unknown(path: string, id = NEVER): string {
  return path.replace("{tenant}", `ten_${id}`).replace("{key}", `key_${id}`).replace("{webhook}", `wh_${id}`);
}

const WRONG_BODY = { nobody: "may learn what is wrong here" };

function ask([method]: Route, path: string, token: string | null): Promise<Answer> {
  return health.ask(method, path, { token, ...(method === "GET" ? {} : { body: WRONG_BODY }) });
}

describe.each(ROUTES)("%s %s", (...route) => {
  const [, template] = route;

  it.each<[string, string | null]>([
    ["no token", null],
    ["a token of another kind", "not-a-token"],
    ["a key that never was", `wag_${"x".repeat(40)}`],
    ["half the admin token", "the-admin-token-of"],
  ])("answers 401 to %s", async (_, token) => {
    const answer = await ask(route, real(template), token);
    expect(answer).toMatchObject({ status: 401, body: { code: "unauthorized" } });
    expect(answer.headers.get("www-authenticate")).toBe("Bearer");
  });

  it("answers 403 to a key that may only publish, whatever it says", async () => {
    expect(await ask(route, real(template), publishKey)).toMatchObject({
      status: 403,
      body: { code: "insufficient_scope" },
    });
    expect(await ask(route, unknown(template), publishKey)).toMatchObject({ status: 403 });
  });
});

it.each(OPERATOR_ROUTES)("%s %s is the operator's alone", async (...route) => {
  expect(await ask(route, real(route[1]), own.key)).toMatchObject({
    status: 403,
    body: { code: "insufficient_scope" },
  });
});

describe("another tenant's id is an unknown id", () => {
  const body = (method: string) => (method === "PATCH" ? { body: {} } : {});

  it.each(THING_ROUTES)("%s %s", async (method, path) => {
    const theirs = await health.ask(method, real(path), { token: other.key, ...body(method) });
    const nobodys = await health.ask(method, unknown(path), { token: other.key, ...body(method) });
    expect(theirs).toMatchObject({ status: 404, body: { code: "not_found" } });
    expect(theirs.text).toBe(nobodys.text);
    expect(theirs.status).toBe(nobodys.status);
  });

  it.each([...TENANT_ROUTES, ...THING_ROUTES])("%s %s?tenant_id=", async (method, path) => {
    const input = path.endsWith("webhooks") ? valid : { name: "x", scopes: ["publish"] };
    const sent =
      method === "POST" && TENANT_ROUTES.some(([, known]) => known === path) ? { body: input } : body(method);
    const theirs = await health.ask(method, `${real(path)}?tenant_id=${own.id}`, { token: other.key, ...sent });
    const nobodys = await health.ask(method, `${real(path)}?tenant_id=ten_${NEVER}`, { token: other.key, ...sent });
    expect(theirs).toMatchObject({ status: 404, body: { code: "not_found" } });
    expect(theirs.text).toBe(nobodys.text);
  });

  it("shows a tenant its own things only", async () => {
    expect((await health.ask("GET", "/v1/webhooks", { token: other.key })).body.items).toEqual([]);
    const { body: keys } = await health.ask("GET", "/v1/api-keys", { token: other.key });
    expect(keys.items).toEqual([expect.objectContaining({ tenant_id: other.id })]);
  });

  it.each(["wh_", "x", "wh_01", `ten_${NEVER}`, "%00", "%F0%9F%93%AE", "..%2F..", "x".repeat(90)])(
    "answers 404 to the id %j",
    async (id) => {
      expect(await health.ask("GET", `/v1/webhooks/${id}`)).toMatchObject({ status: 404, body: { code: "not_found" } });
    },
  );
});

describe("the operator", () => {
  it("must name the tenant it creates something for", async () => {
    for (const [path, body] of [
      ["/v1/webhooks", valid],
      ["/v1/api-keys", { name: "ci", scopes: ["publish"] }],
    ] as const) {
      const unnamed = await health.ask("POST", path, { body });
      expect(unnamed.status).toBe(422);
      expect(wrongFields(unnamed)).toEqual(["/tenant_id"]);
      const nobody = await health.ask("POST", `${path}?tenant_id=ten_${NEVER}`, { body });
      expect(nobody).toMatchObject({ status: 404, body: { code: "not_found" } });
      expect(await health.ask("POST", `${path}?tenant_id=${other.id}`, { body })).toMatchObject({
        status: 201,
        body: { tenant_id: other.id },
      });
    }
  });

  it("sees every tenant's things, or those of the tenant it names", async () => {
    const ids = async (path: string) => {
      const { items } = (await health.ask("GET", path)).body;
      return Array.isArray(items) ? new Set(items.map((item: { tenant_id: string }) => item.tenant_id)) : null;
    };
    expect(await ids("/v1/webhooks")).toEqual(new Set([own.id, other.id]));
    expect(await ids(`/v1/webhooks?tenant_id=${own.id}`)).toEqual(new Set([own.id]));
    expect(await ids(`/v1/webhooks?tenant_id=ten_${NEVER}`)).toEqual(new Set());
  });

  it("reaches a webhook by its id, unless it names the wrong tenant", async () => {
    expect(await health.ask("GET", `/v1/webhooks/${webhook}`)).toMatchObject({ status: 200 });
    expect(await health.ask("GET", `/v1/webhooks/${webhook}?tenant_id=${own.id}`)).toMatchObject({ status: 200 });
    expect(await health.ask("GET", `/v1/webhooks/${webhook}?tenant_id=${other.id}`)).toMatchObject({ status: 404 });
  });
});

it("refuses parameters it does not know", async () => {
  for (const path of ["/v1/webhooks?status=enabled", "/v1/api-keys?color=red", `/v1/webhooks/${webhook}?verbose=1`]) {
    const answer = await health.ask("GET", path, { token: own.key });
    if (path.startsWith("/v1/api-keys")) expect(wrongFields(answer)).toEqual(["/color"]);
    expect(answer.status).toBe(422);
  }
});
