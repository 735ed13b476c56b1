import type { DescMethod, JsonObject } from "@bufbuild/protobuf";
import { createTestDatabase, eventually, type TestDatabase } from "@waggle/testing";
import { ADMIN_TOKEN, RunningHealth } from "../manage/running-health";
import { ReflectedClient, type RpcAnswer } from "./reflected-client";

jest.setTimeout(30_000);

let database: TestDatabase;
let health: RunningHealth;
let rpc: ReflectedClient;
let own: { id: string; key: string };
let other: { id: string; key: string };
let publisher: string;

beforeAll(async () => {
  database = await createTestDatabase();
  health = await RunningHealth.withoutKafka(database.url);
  own = await health.tenant();
  other = await health.tenant();
  publisher = await health.key(own.id, ["publish"]);
  rpc = await ReflectedClient.connect(health.grpcAddress, null);
});
afterAll(async () => {
  rpc.close();
  await health.stop();
  await database.drop();
});

/** Every method that the server describes, whether it answers once or with a stream. */
async function everyMethod(token: string | null): Promise<Map<string, RpcAnswer | "OK">> {
  const answers = new Map<string, RpcAnswer | "OK">();
  for (const method of rpc.methodsOf("waggle.v1")) {
    const name = `${method.parent.name}/${method.name}`;
    const isStream = method.methodKind === "server_streaming";
    answers.set(name, isStream ? await rpc.stream(name, {}, { token }).end() : await rpc.call(name, {}, { token }));
  }
  return answers;
}

test("a tool finds out by reflection what there is", () => {
  const services = ["AuditLog", "Deliveries", "Events", "Inbound", "Incidents", "Tenants", "Webhooks"];
  expect(rpc.services.toSorted()).toEqual(["grpc.health.v1.Health", ...services.map((name) => `waggle.v1.${name}`)]);
  expect(rpc.methodsOf("waggle.v1").length).toBeGreaterThan(30);
});

test.each<[string, string | null]>([
  ["no token", null],
  ["a token of another kind", "not-a-token"],
  ["a key that never was", `wag_${"x".repeat(40)}`],
  ["half the admin token", ADMIN_TOKEN.slice(0, 18)],
])("no method answers %s", async (_, token) => {
  for (const [method, answer] of await everyMethod(token)) {
    expect([method, answer]).toEqual([
      method,
      expect.objectContaining({
        status: "UNAUTHENTICATED",
        details: { ErrorInfo: { reason: "unauthorized", domain: "waggle" } },
      }),
    ]);
  }
});

test("no method answers a key that was deleted, or has expired", async () => {
  const body = { name: "short-lived", scopes: ["manage"], expires_at: new Date(Date.now() + 1_000).toISOString() };
  const expiring = await health.expect(201, "POST", "/v1/api-keys", { token: own.key, body });
  const deleted = await health.expect(201, "POST", "/v1/api-keys", {
    token: own.key,
    body: { ...body, expires_at: null },
  });
  await health.expect(204, "DELETE", `/v1/api-keys/${deleted.id}`, { token: own.key });
  const expired = String(expiring.key);
  await eventually(
    "it has expired",
    async () => (await rpc.call("Webhooks/List", {}, { token: expired })).status !== "OK",
  );
  for (const token of [expired, String(deleted.key)]) {
    for (const [method, answer] of await everyMethod(token)) {
      expect([method, answer]).toEqual([method, expect.objectContaining({ status: "UNAUTHENTICATED" })]);
    }
  }
});

test("no method answers a key that may only publish, whatever it says", async () => {
  for (const [method, answer] of await everyMethod(publisher)) {
    expect([method, answer]).toEqual([
      method,
      expect.objectContaining({
        status: "PERMISSION_DENIED",
        details: { ErrorInfo: { reason: "insufficient_scope", domain: "waggle" } },
      }),
    ]);
  }
});

test("what spans tenants is the operator's alone", async () => {
  for (const method of ["Create", "List", "Get", "Update", "Delete"]) {
    expect(await rpc.call(`Tenants/${method}`, {}, { token: own.key })).toMatchObject({ status: "PERMISSION_DENIED" });
  }
  for (const method of ["Get", "Close"]) {
    expect(await rpc.call(`Incidents/${method}`, {}, { token: own.key })).toMatchObject({
      status: "PERMISSION_DENIED",
    });
  }
});

/** What a method wants beside ids. */
const REQUIRED: Readonly<Record<string, JsonObject>> = {
  "Webhooks/Create": { webhook: { url: "https://api.acme.com/", events: ["*"] } },
  "Webhooks/Preview": { events: ["*"] },
  "Webhooks/Recover": { since: "2026-01-01T00:00:00Z" },
  "Tenants/CreateApiKey": { name: "ci", scopes: ["publish"] },
};
const NEVER = "00000000000000000000000000";

describe("another tenant's id is an unknown id", () => {
  /** The answer to a key of another tenant, without what differs between any two calls. */
  async function told(method: DescMethod, ids: JsonObject) {
    const name = `${method.parent.name}/${method.name}`;
    const request = { ...REQUIRED[name], ...ids };
    const asked = { token: other.key };
    const answer =
      method.methodKind === "server_streaming"
        ? await rpc.stream(name, request, asked).end()
        : await rpc.call(name, request, asked);
    return answer === "OK" ? answer : { name, status: answer.status, message: answer.message, details: answer.details };
  }
  const ofTenants = () =>
    rpc.methodsOf("waggle.v1").filter(({ input }) => input.fields.some(({ name }) => name === "tenant_id"));

  test("as tenant_id of every method", async () => {
    expect(ofTenants().length).toBeGreaterThan(25);
    for (const method of ofTenants()) {
      const theirs = await told(method, { tenant_id: own.id });
      expect(theirs).toMatchObject({ status: "NOT_FOUND" });
      expect(theirs).toEqual(await told(method, { tenant_id: `ten_${NEVER}` }));
    }
  });

  test("as the id of what a method is about", async () => {
    const body = { url: "https://api.acme.com/", events: ["*"] };
    const { id } = await health.expect(201, "POST", "/v1/webhooks", { token: own.key, body });
    const { items } = await health.expect(200, "GET", "/v1/api-keys", { token: own.key });
    const key = String(Object(Array.isArray(items) ? items[0] : null).id);
    const before = await rpc.expect("Webhooks/Get", { id: String(id) }, { token: own.key });
    for (const method of ofTenants().filter(({ input }) => input.fields.some(({ name }) => name === "id"))) {
      const isKeys = method.parent.name === "Tenants";
      const theirs = await told(method, { id: isKeys ? key : String(id) });
      expect(theirs).toMatchObject({ status: "NOT_FOUND" });
      expect(theirs).toEqual(await told(method, { id: `${isKeys ? "key" : "wh"}_${NEVER}` }));
    }
    expect(await rpc.expect("Webhooks/Get", { id: String(id) }, { token: own.key })).toEqual(before);
    await rpc.expect("Tenants/GetApiKey", { id: key }, { token: own.key });
  });
});

test("the operator must name the tenant it makes something for", async () => {
  const webhook = { url: "https://api.acme.com/", events: ["*"] };
  const unnamed = await rpc.call("Webhooks/Create", { webhook }, { token: ADMIN_TOKEN });
  expect(unnamed.details.BadRequest).toMatchObject({ field_violations: [{ field: "tenant_id" }] });
  const named = await rpc.call("Webhooks/Create", { webhook, tenant_id: own.id }, { token: ADMIN_TOKEN });
  expect(named).toMatchObject({ status: "OK", message: { webhook: { tenant_id: own.id } } });
});
