import { createTestDatabase, type TestDatabase } from "@waggle/testing";
import { RunningHealth } from "../manage/running-health";
import { ReflectedClient } from "./reflected-client";

jest.setTimeout(30_000);

let database: TestDatabase;
let health: RunningHealth;
let rpc: ReflectedClient;

beforeAll(async () => {
  database = await createTestDatabase();
  health = await RunningHealth.withoutKafka(database.url);
  rpc = await ReflectedClient.connect(health.grpcAddress, (await health.tenant()).key);
});
afterAll(async () => {
  rpc.close();
  await health.stop();
  await database.drop();
});

const reason = (code: string) => ({ ErrorInfo: { reason: code, domain: "waggle" } });

test("every wrong field is named where the request has it", async () => {
  const webhook = {
    url: "https://10.0.0.1/",
    events: ["bounce", "sneeze"],
    headers: { "X-Fine": "1", Cookie: "2" },
    retry_delays_s: [30, 0],
  };
  const schema = await rpc.call("Webhooks/Create", { webhook, secret: "short" });
  expect(schema).toMatchObject({ status: "INVALID_ARGUMENT", details: reason("validation_failed") });
  const fields = (answer: typeof schema) => {
    const { field_violations: violations } = answer.details.BadRequest ?? {};
    return Array.isArray(violations)
      ? violations.map((it) => (it && typeof it === "object" ? Object(it).field : null))
      : [];
  };
  expect(fields(schema)).toEqual(["webhook.events[1]", "webhook.retry_delays_s[1]", "secret"]);
  const egress = await rpc.call("Webhooks/Create", {
    webhook: { url: webhook.url, events: ["bounce"], headers: webhook.headers },
  });
  expect(fields(egress)).toEqual(["webhook.url", 'webhook.headers["Cookie"]']);
  expect(fields(await rpc.call("Deliveries/List", { limit: 0, status: "lost" }))).toEqual(["limit", "status"]);
});

test("of very many wrong fields as many are named as trailers may hold", async () => {
  const webhook = {
    url: "https://api.acme.com/",
    events: Array.from({ length: 3_000 }, (_, index) => `event ${index}`),
  };
  const answer = await rpc.call("Webhooks/Create", { webhook });
  expect(answer).toMatchObject({ status: "INVALID_ARGUMENT", details: reason("validation_failed") });
  const { field_violations: violations } = answer.details.BadRequest ?? {};
  expect(Array.isArray(violations) && violations.length).toBeGreaterThan(5);
  expect(JSON.stringify(violations).length).toBeLessThan(6_000);
});

test("what is no message is the client's fault", async () => {
  expect(await rpc.send("Webhooks/Get", Buffer.from([0xff, 0xff, 0xff]))).toMatchObject({
    status: "INVALID_ARGUMENT",
    details: reason("malformed_request"),
  });
});

test("a request is not larger than over HTTP", async () => {
  const webhook = { url: "https://api.acme.com/", events: ["*"], description: "x".repeat(1_100_000) };
  expect(await rpc.call("Webhooks/Create", { webhook })).toMatchObject({ status: "RESOURCE_EXHAUSTED" });
});

test("without Kafka nobody is told to be watching, and when to come again", async () => {
  expect(await rpc.stream("Deliveries/Watch").end()).toMatchObject({
    status: "UNAVAILABLE",
    details: { ...reason("kafka_unavailable"), RetryInfo: { retry_delay: "5s" } },
  });
});

test("who asks too fast is told when to ask again", async () => {
  const slow = await RunningHealth.withoutKafka(database.url, { RATE_LIMIT_PER_SECOND: "1", RATE_LIMIT_BURST: "3" });
  const client = await ReflectedClient.connect(slow.grpcAddress, (await slow.tenant()).key);
  const answers = [];
  for (let i = 0; i < 5; i++) answers.push(await client.call("Webhooks/List"));
  expect(answers.at(0)?.status).toBe("OK");
  expect(answers.at(-1)).toMatchObject({
    status: "RESOURCE_EXHAUSTED",
    details: { ...reason("rate_limited"), RetryInfo: { retry_delay: expect.stringMatching(/^[1-9]\d*s$/) } },
  });
  client.close();
  await slow.stop();
});
