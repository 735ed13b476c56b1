import { createTestDatabase, type TestDatabase } from "@waggle/testing";
import { ADMIN_TOKEN, RunningHealth } from "./running-health";

let database: TestDatabase;
let health: RunningHealth;

beforeAll(async () => {
  database = await createTestDatabase();
  health = await RunningHealth.withoutKafka(database.url);
});
afterAll(async () => {
  await health.stop();
  await database.drop();
});

it.each([
  ["an escape that stands for nothing", "/v1/webhooks/%E0%A4%A"],
  ["an id longer than any", `/v1/webhooks/${"x".repeat(5_000)}`],
])("are answered as problems when their URL has %s", async (_, path) => {
  const answer = await health.ask("GET", path);
  expect(answer).toMatchObject({ status: 400, body: { code: "malformed_request" } });
  expect(answer.headers.get("content-type")).toMatch(/^application\/problem\+json/);
});

it("are not told what is wrong with their body before they have shown a token", async () => {
  const send = (token: string | null) => health.ask("POST", "/v1/webhooks", { token, body: "{" });
  for (const token of [null, "wrong"]) {
    const answer = await send(token);
    expect(answer).toMatchObject({ status: 401, body: { code: "unauthorized" } });
    expect(answer.headers.get("ratelimit")).toMatch(/^"address"/);
  }
  expect(await send(ADMIN_TOKEN)).toMatchObject({ status: 400, body: { code: "malformed_json" } });
});
