import { encodeAttempt } from "@waggle/contracts";
import { BatchingProducer } from "@waggle/kafka";
import { createLogger } from "@waggle/service";
import { createTestDatabase, eventually, type TestDatabase } from "@waggle/testing";
import { ReflectedClient } from "../grpc/reflected-client";
import { LiveClient } from "../live/live-client";
import { type PrivateKafka, startPrivateKafka } from "../manage/private-kafka";
import { RunningHealth } from "../manage/running-health";
import { anAttempt, anIdentity } from "../observe/records";

jest.setTimeout(180_000);

let kafka: PrivateKafka;
let producer: BatchingProducer;
let database: TestDatabase;
let health: RunningHealth;
let rpc: ReflectedClient;

beforeAll(async () => {
  [kafka, database] = await Promise.all([startPrivateKafka(), createTestDatabase()]);
  producer = new BatchingProducer({ kafka: kafka.client, logger: createLogger("test", "silent") });
  await producer.connect();
  health = await RunningHealth.start(database.url, kafka.broker.brokers);
  rpc = await ReflectedClient.connect(health.grpcAddress, null);
});
afterAll(async () => {
  rpc?.close();
  await health?.stop();
  await producer?.disconnect();
  await kafka?.broker.close();
  await database?.drop();
});

const attemptOf = (tenant: { readonly id: string }) =>
  anAttempt(anIdentity({ tenant_id: tenant.id, webhook_id: `wh_${tenant.id}` }));

test("each tenant sees its own attempts at both doors, until its key is deleted", async () => {
  const [own, other] = [await health.tenant(), await health.tenant()];
  const body = { name: "to be deleted", scopes: ["manage"] };
  const { id, key } = await health.expect(201, "POST", "/v1/api-keys", { token: own.key, body });
  const [mine, theirs] = [String(key), other.key];
  const overHttp = [
    await LiveClient.open(`${health.url}/v1/live`, mine),
    await LiveClient.open(`${health.url}/v1/live`, theirs),
  ];
  const overRpc = [mine, theirs].map((token) => rpc.stream("Deliveries/Watch", {}, { token }));
  for (const stream of overRpc) await stream.isOpen();

  const attempts = [own, other, own, other].map(attemptOf);
  await producer.send(attempts.map(encodeAttempt));
  for (const [at, { id: tenantId }] of [own, other].entries()) {
    await overHttp[at]?.until(2);
    await overRpc[at]?.until(2);
    const seen = JSON.stringify([overHttp[at]?.seen, overRpc[at]?.seen]);
    for (const { tenant_id, delivery_id } of attempts) {
      expect([delivery_id, seen.includes(delivery_id)]).toEqual([delivery_id, tenant_id === tenantId]);
    }
  }

  await health.expect(204, "DELETE", `/v1/api-keys/${id}`, { token: own.key });
  expect(await overRpc[0]?.end()).toMatchObject({
    status: "UNAUTHENTICATED",
    details: { ErrorInfo: { reason: "unauthorized" } },
  });
  await eventually("the stream over HTTP to end", () => overHttp[0]?.isOver, 10_000);
  expect(overHttp[0]?.seen.at(-1)).toMatchObject({ event: "closed", data: { reason: "unauthorized" } });
  const after = attemptOf(own);
  await producer.send([after, attemptOf(other)].map(encodeAttempt));
  await overRpc[1]?.until(3);
  expect(JSON.stringify([overHttp, overRpc].flat().map(({ seen }) => seen))).not.toContain(after.delivery_id);
  expect(overRpc[1]?.ended).toBeNull();
  overRpc[1]?.cancel();
  overHttp[1]?.close();
});
