import { encodeAttempt } from "@waggle/contracts";
import { BatchingProducer } from "@waggle/kafka";
import { createLogger } from "@waggle/service";
import { createTestDatabase, eventually, type TestDatabase } from "@waggle/testing";
import { type PrivateKafka, startPrivateKafka } from "../manage/private-kafka";
import { RunningHealth } from "../manage/running-health";
import { aFailedAttempt, anAttempt, anEnd, anIdentity } from "../observe/records";
import { ReflectedClient, type RpcStream } from "./reflected-client";

jest.setTimeout(120_000);

let kafka: PrivateKafka;
let producer: BatchingProducer;
let database: TestDatabase;
let health: RunningHealth;
let rpc: ReflectedClient;
let own: { id: string; key: string };
let other: { id: string; key: string };

beforeAll(async () => {
  kafka = await startPrivateKafka();
  producer = new BatchingProducer({ kafka: kafka.client, logger: createLogger("test", "silent") });
  await producer.connect();
  database = await createTestDatabase();
  health = await RunningHealth.start(database.url, kafka.broker.brokers);
  own = await health.tenant();
  other = await health.tenant();
  rpc = await ReflectedClient.connect(health.grpcAddress, own.key);
});
afterAll(async () => {
  rpc.close();
  await health.stop();
  await producer.disconnect();
  await kafka.broker.close();
  await database.drop();
});

async function watch(request: Record<string, string> = {}, token = own.key): Promise<RpcStream> {
  const stream = rpc.stream("Deliveries/Watch", request, { token });
  await stream.isOpen();
  return stream;
}

test("attempts and ends are seen as they happen, by those they belong to", async () => {
  const [mine, theirs] = [await watch(), await watch({}, other.key)];
  const foreign = anIdentity({ tenant_id: other.id, webhook_id: `wh_${other.id}` });
  const [tried, skipped] = [1, 2].map(() => anIdentity({ tenant_id: own.id, webhook_id: `wh_${own.id}` }));
  if (!tried || !skipped) throw new Error("two were made");
  await producer.send([anAttempt(tried), anEnd(skipped), aFailedAttempt(foreign, 1)].map(encodeAttempt));
  const seen = await mine.until(2);
  expect(seen.find(({ attempt }) => attempt !== undefined)).toMatchObject({
    id: expect.any(String),
    attempt: { delivery_id: tried.delivery_id, tenant_id: own.id, number: 1, status: "delivered" },
  });
  const end = seen.find((response) => response.end !== undefined)?.end;
  expect(end).toMatchObject({ delivery_id: skipped.delivery_id, status: "skipped", reason: "webhook_disabled" });
  expect(end).not.toHaveProperty("number");
  expect(await theirs.until(1)).toMatchObject([
    { attempt: { delivery_id: foreign.delivery_id, status_code: 500, error: "http_status", status: "pending" } },
  ]);
  expect([mine.seen.length, theirs.seen.length]).toEqual([2, 1]);
  mine.cancel();
  theirs.cancel();
});

test("one webhook can be watched alone, but not another tenant's", async () => {
  const body = { url: "https://api.acme.com/", events: ["*"] };
  const { id } = await health.expect(201, "POST", "/v1/webhooks", { token: own.key, body });
  const webhook_id = String(id);
  const stream = await watch({ webhook_id });
  const [there, elsewhere] = [{ webhook_id }, { webhook_id: "wh_elsewhere" }].map((which) =>
    anIdentity({ tenant_id: own.id, ...which }),
  );
  if (!there || !elsewhere) throw new Error("two were made");
  await producer.send([anAttempt(elsewhere), anAttempt(there)].map(encodeAttempt));
  expect(await stream.until(1)).toMatchObject([{ attempt: { delivery_id: there.delivery_id } }]);
  stream.cancel();
  const refused = await rpc.stream("Deliveries/Watch", { webhook_id }, { token: other.key }).end();
  expect(refused).toMatchObject({ status: "NOT_FOUND" });
});

test("who leaves makes room for another", async () => {
  const streams: RpcStream[] = [];
  for (let i = 0; i < 20; i++) streams.push(await watch());
  expect(await rpc.stream("Deliveries/Watch").end()).toMatchObject({
    status: "RESOURCE_EXHAUSTED",
    details: { ErrorInfo: { reason: "rate_limited" } },
  });
  for (const stream of streams) stream.cancel();
  await eventually("there is room again", async () => {
    const stream = await watch();
    const wasLetIn = stream.ended === null;
    stream.cancel();
    return wasLetIn;
  });
});

test("a process that stops says so to who watches it and its health, and lets calls end", async () => {
  const stopping = await RunningHealth.start(database.url, kafka.broker.brokers);
  const client = await ReflectedClient.connect(stopping.grpcAddress, own.key);
  await eventually("it serves", async () => {
    const { message } = await client.call("grpc.health.v1.Health/Check", { service: "waggle.v1.Webhooks" });
    return message.status === "SERVING";
  });
  const unknown = await client.call("grpc.health.v1.Health/Check", { service: "waggle.v1.Nothing" });
  expect(unknown.status).toBe("NOT_FOUND");
  const serving = client.stream("grpc.health.v1.Health/Watch", {}, { token: null });
  await serving.until(1);
  const live = client.stream("Deliveries/Watch");
  await live.isOpen();
  const asked = Date.now();
  await stopping.stop();
  expect(Date.now() - asked).toBeLessThan(15_000);
  expect(serving.seen.map(({ status }) => status)).toEqual(["SERVING", "NOT_SERVING"]);
  expect(await serving.end()).toBe("OK");
  expect(await live.end()).toMatchObject({ status: "UNAVAILABLE", details: { ErrorInfo: { reason: "not_ready" } } });
  client.close();
});
