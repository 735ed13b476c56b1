import { createTestDatabase, type TestDatabase } from "@waggle/testing";
import { ADMIN_TOKEN, RunningHealth } from "../manage/running-health";
import { ReflectedClient, type RpcAnswer } from "./reflected-client";

jest.setTimeout(30_000);

let database: TestDatabase;
let health: RunningHealth;
let rpc: ReflectedClient;
let own: { id: string; key: string };
let publisher: string;

beforeAll(async () => {
  database = await createTestDatabase();
  health = await RunningHealth.withoutKafka(database.url);
  own = await health.tenant();
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
  const services = ["AuditLog", "Deliveries", "Events", "Incidents", "Tenants", "Webhooks"];
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

test("the operator must name the tenant it makes something for", async () => {
  const webhook = { url: "https://api.acme.com/", events: ["*"] };
  const unnamed = await rpc.call("Webhooks/Create", { webhook }, { token: ADMIN_TOKEN });
  expect(unnamed.details.BadRequest).toMatchObject({ field_violations: [{ field: "tenant_id" }] });
  const named = await rpc.call("Webhooks/Create", { webhook, tenant_id: own.id }, { token: ADMIN_TOKEN });
  expect(named).toMatchObject({ status: "OK", message: { webhook: { tenant_id: own.id } } });
});
