import { encodeAttempt, WEBHOOK_ATTEMPTS } from "@waggle/contracts";
import { BatchingProducer } from "@waggle/kafka";
import { createLogger } from "@waggle/service";
import { createTestDatabase, type TestDatabase } from "@waggle/testing";
import { type PrivateKafka, startPrivateKafka } from "../manage/private-kafka";
import { RunningHealth } from "../manage/running-health";
import { aFailedAttempt, anAttempt, anEnd, anIdentity } from "../observe/records";
import { LiveClient } from "./live-client";

jest.setTimeout(120_000);

let kafka: PrivateKafka;
let producer: BatchingProducer;
let database: TestDatabase;
let processes: RunningHealth[];
let own: { id: string; key: string };
let other: { id: string; key: string };
let clients: LiveClient[];

beforeAll(async () => {
  kafka = await startPrivateKafka();
  producer = new BatchingProducer({ kafka: kafka.client, logger: createLogger("test", "silent") });
  await producer.connect();
  database = await createTestDatabase();
  processes = [];
  for (let i = 0; i < 2; i++) processes.push(await RunningHealth.start(database.url, kafka.broker.brokers));
});
afterAll(async () => {
  await Promise.all(processes.map((health) => health.stop()));
  await producer.disconnect();
  await kafka.broker.close();
  await database.drop();
});
beforeEach(async () => {
  clients = [];
  own = await processAt(0).tenant();
  other = await processAt(0).tenant();
});
afterEach(() => {
  for (const client of clients) client.close();
});

function processAt(index: number): RunningHealth {
  const running = processes[index];
  if (!running) throw new Error(`there is no process ${index}`);
  return running;
}

async function watch(token: string, { query = "", at = 0 } = {}): Promise<LiveClient> {
  const client = await LiveClient.open(`${processAt(at).url}/v1/live${query}`, token);
  clients.push(client);
  return client;
}

async function aWebhook(key: string): Promise<string> {
  const body = { url: "https://api.acme.com/", events: ["*"] };
  return String((await processAt(0).expect(201, "POST", "/v1/webhooks", { token: key, body })).id);
}

test("its headers say what the key may still ask, as every answer's do", async () => {
  const authorization = `Bearer ${own.key}`;
  const { status, headers, body } = await fetch(`${processAt(0).url}/v1/live`, { headers: { authorization } });
  await body?.cancel();
  expect([status, headers.get("content-type")]).toEqual([200, "text/event-stream; charset=utf-8"]);
  expect(headers.get("ratelimit")).toMatch(/^"key";r=\d+;t=\d+$/);
});

test("what happens is seen at every process, by those it belongs to", async () => {
  const watchers = [await watch(own.key), await watch(own.key, { at: 1 })];
  const theirs = await watch(other.key);
  const operator = await watch("the-admin-token-of-these-tests", { at: 1 });
  const mine = Array.from({ length: 30 }, (_, index) =>
    anIdentity({ tenant_id: own.id, webhook_id: `wh_${own.id}_${index}` }),
  );
  const foreign = anIdentity({ tenant_id: other.id, webhook_id: `wh_${other.id}` });
  const records = [...mine.map((identity) => anAttempt(identity)), aFailedAttempt(foreign, 1)].map(encodeAttempt);
  await producer.send([...records, { topic: WEBHOOK_ATTEMPTS, key: "wh_bad", value: "no JSON" }]);
  const expected = mine.map(({ delivery_id }) => delivery_id).toSorted();
  for (const watcher of watchers) {
    const seen = await watcher.until(30);
    expect(seen.map(({ data }) => String(data.delivery_id)).toSorted()).toEqual(expected);
  }
  const [failed] = await theirs.until(1);
  expect(failed).toMatchObject({
    event: "attempt",
    data: { delivery_id: foreign.delivery_id, number: 1, status_code: 500, error: "http_status", status: "pending" },
  });
  await operator.until(31, ({ data }) => data.tenant_id === own.id || data.tenant_id === other.id);
  expect(theirs.seen).toHaveLength(1);
});

test("one webhook can be watched alone, its skips too", async () => {
  const [webhook, another] = [await aWebhook(own.key), await aWebhook(own.key)];
  const client = await watch(own.key, { query: `?webhook_id=${webhook}` });
  expect(client.response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
  const [identity, elsewhere] = [webhook, another].map((webhook_id) => anIdentity({ tenant_id: own.id, webhook_id }));
  await producer.send(
    [anAttempt(elsewhere ?? anIdentity()), anEnd(identity ?? anIdentity()), anAttempt(identity ?? anIdentity())].map(
      encodeAttempt,
    ),
  );
  expect(await client.until(2)).toMatchObject([
    { event: "end", data: { webhook_id: webhook, number: null, status: "skipped", reason: "webhook_disabled" } },
    { event: "attempt", data: { webhook_id: webhook, number: 1, status: "delivered" } },
  ]);
});

test("nobody watches what is not theirs", async () => {
  const webhook = await aWebhook(other.key);
  const publisher = await processAt(0).key(own.id, ["publish"]);
  const status = async (path: string, token: string | null) =>
    (await processAt(0).ask("GET", `/v1/live${path}`, { token })).status;
  expect(await status("", null)).toBe(401);
  expect(await status("", "wag_unknown")).toBe(401);
  expect(await status("", publisher)).toBe(403);
  expect(await status(`?webhook_id=${webhook}`, own.key)).toBe(404);
  expect(await status("?webhook_id=wh_never", own.key)).toBe(404);
  expect(await status(`?tenant_id=${other.id}`, own.key)).toBe(404);
  expect(await status("?since=now", own.key)).toBe(422);
});

test("a process that stops ends its streams and says so", async () => {
  const third = await RunningHealth.start(database.url, kafka.broker.brokers);
  const client = await LiveClient.open(`${third.url}/v1/live`, own.key);
  const stopped = third.stop();
  const [last] = await client.until(1, ({ event }) => event === "closed");
  expect(last?.data).toEqual({ reason: "stopping" });
  const asked = Date.now();
  await stopped;
  expect(Date.now() - asked).toBeLessThan(15_000);
  expect(client.isOver).toBe(true);
});

test("while Kafka is away nobody is told to be watching", async () => {
  const lonely = await RunningHealth.withoutKafka(database.url);
  const answer = await lonely.ask("GET", "/v1/live", { token: own.key });
  expect([answer.status, answer.body.code, answer.headers.get("retry-after")]).toEqual([503, "kafka_unavailable", "5"]);
  await lonely.stop();
});
