import { randomUUID } from "node:crypto";
import {
  DEAD_LETTERS,
  type DeliveryIdentity,
  encodeAttempt,
  encodeDelivery,
  TOPICS,
  WEBHOOK_ATTEMPTS,
  WEBHOOK_DELIVERIES,
  type WireRecord,
} from "@waggle/contracts";
import { BatchingProducer, createKafka, ensureTopics } from "@waggle/kafka";
import { createLogger } from "@waggle/service";
import { eventually, TopicTail, testBrokers } from "@waggle/testing";
import { type LogDatabase, openLogDatabase } from "./log-database";
import { PostgresProxy } from "./postgres-proxy";
import { aDelivery, aFailedAttempt, anAttempt, anIdentity } from "./records";
import { type ObserveApp, runObserve } from "./running-observe";

jest.setTimeout(120_000);

const DAY_MS = 86_400_000;
const logger = createLogger("test", "silent");
const kafka = createKafka({ brokers: testBrokers(), ssl: false, sasl: null, clientId: "test", logger });
const producer = new BatchingProducer({ kafka, logger });

let database: LogDatabase;
let apps: ObserveApp[];

beforeAll(async () => {
  await ensureTopics(kafka, TOPICS, 1);
  await producer.connect();
});
afterAll(() => producer.disconnect());
beforeEach(async () => {
  database = await openLogDatabase();
  apps = [];
});
afterEach(async () => {
  await Promise.all(apps.map((app) => app.stop()));
  await database.close();
});

/** A health process, in a group of its own unless one is given: it reads everything from the beginning. */
async function start(
  options: { group?: string; databaseUrl?: string; retentionDays?: number } = {},
): Promise<ObserveApp> {
  const app = await runObserve({ group: `observe-${randomUUID()}`, databaseUrl: database.url, ...options });
  apps.push(app);
  return app;
}

async function stop(app: ObserveApp): Promise<void> {
  apps = apps.filter((other) => other !== app);
  await app.stop();
}

/** Deliveries of one webhook, each with a failed attempt and one that got through. */
function traffic(count: number, webhookId = `wh_${randomUUID()}`) {
  const identities = Array.from({ length: count }, () => anIdentity({ webhook_id: webhookId }));
  const deliveries = identities.map((identity) => encodeDelivery(aDelivery(identity)));
  const attempts = identities.flatMap((identity) => [
    encodeAttempt(aFailedAttempt(identity, 1)),
    encodeAttempt(anAttempt(identity, { try: { number: 2 } })),
  ]);
  return { webhookId, identities, records: [...deliveries, ...attempts] };
}

/** What the log holds of a webhook, counted in the rows themselves. */
async function logged(webhookId: string) {
  const [row] = await database.rows(
    `SELECT count(*)::int AS deliveries, count(*) FILTER (WHERE status = 'delivered')::int AS delivered,
       coalesce(sum(attempt_count), 0)::int AS counted,
       (SELECT count(*)::int FROM attempts WHERE webhook_id = $1) AS attempts,
       (SELECT count(*)::int FROM delivery_bodies JOIN deliveries USING (delivery_id, accepted_at) WHERE webhook_id = $1)
         AS bodies,
       (SELECT jsonb_build_array(sum(delivered), sum(failed)) FROM webhook_minutes WHERE webhook_id = $1) AS minutes
     FROM deliveries WHERE webhook_id = $1`,
    [webhookId],
  );
  return row;
}

function complete(count: number) {
  return {
    deliveries: count,
    delivered: count,
    counted: 2 * count,
    attempts: 2 * count,
    bodies: count,
    minutes: [count, count],
  };
}

async function untilComplete(webhookId: string, count: number, timeoutMs = 30_000): Promise<void> {
  let last: unknown;
  await eventually(
    `${count} deliveries of ${webhookId}`,
    async () => {
      last = await logged(webhookId);
      return JSON.stringify(last) === JSON.stringify(complete(count));
    },
    timeoutMs,
  ).catch((error: unknown) => {
    throw new Error(`the log holds ${JSON.stringify(last)}`, { cause: error });
  });
}

test("what happens to a delivery is in the log", async () => {
  await start();
  const { webhookId, records } = traffic(1);
  await producer.send(records);
  await untilComplete(webhookId, 1);
});

test("reading everything again changes no row and counts nothing twice", async () => {
  const first = await start();
  const { webhookId, records } = traffic(500);
  await producer.send(records);
  await untilComplete(webhookId, 500);
  await stop(first);
  const rows = () =>
    database.rows(
      `SELECT to_jsonb(deliveries) AS delivery, to_jsonb(delivery_bodies) AS body, to_jsonb(attempts) AS attempt
       FROM deliveries JOIN delivery_bodies USING (delivery_id) JOIN attempts USING (delivery_id)
       WHERE deliveries.webhook_id = $1 ORDER BY try_id`,
      [webhookId],
    );
  const statistics = () =>
    database.rows(
      `SELECT to_jsonb(webhook_states) AS state, to_jsonb(webhook_minutes) AS minute
       FROM webhook_states JOIN webhook_minutes USING (webhook_id) WHERE webhook_id = $1 ORDER BY minute`,
      [webhookId],
    );
  const before = await rows();
  const counted = await statistics();
  const again = await start();
  const { webhookId: marker, records: after } = traffic(1);
  await producer.send(after);
  await untilComplete(marker, 1);
  await eventually("everything to be read again", async () => (await lag(again)) === 0);
  expect(await rows()).toEqual(before);
  expect(await statistics()).toEqual(counted);
  expect(await again.counted("waggle_attempt_rows_total")).toBeLessThan(500);
});

async function lag(app: ObserveApp): Promise<number> {
  const metric = await app.service.metrics.getSingleMetric("waggle_consumer_lag_records")?.get();
  return metric?.values.reduce((sum, { value }) => sum + value, 0) ?? 0;
}

test("processes that come and go in the middle of the work lose nothing and count nothing twice", async () => {
  const group = `observe-${randomUUID()}`;
  const webhooks = Array.from({ length: 12 }, () => traffic(100));
  const first = await start({ group });
  await producer.send(webhooks.slice(0, 6).flatMap(({ records }) => records));
  await start({ group });
  await producer.send(webhooks.slice(6, 9).flatMap(({ records }) => records));
  await stop(first);
  await producer.send(webhooks.slice(9).flatMap(({ records }) => records));
  for (const { webhookId } of webhooks) await untilComplete(webhookId, 100);
});

test("a record nobody can store goes to the dead letters, and its neighbours are logged", async () => {
  const app = await start();
  const letters = await TopicTail.open(kafka, [DEAD_LETTERS]);
  const { webhookId, records } = traffic(50);
  const marked = (identity: Partial<DeliveryIdentity>): DeliveryIdentity =>
    anIdentity({ webhook_id: webhookId, ...identity });
  const bad: WireRecord[] = [
    { topic: WEBHOOK_ATTEMPTS, key: webhookId, value: "no JSON" },
    { topic: WEBHOOK_DELIVERIES, key: webhookId, value: "{}", headers: { "delivery-id": "dlv_1" } },
    encodeAttempt(anAttempt(marked({}), { round: 3_000_000_000 })),
    encodeDelivery(aDelivery(marked({ event_id: "evt\0" }))),
    encodeAttempt(anAttempt(marked({ accepted_at: Date.now() + 30 * DAY_MS }))),
  ];
  await producer.send(records.flatMap((record, index) => [record, ...(index % 30 === 7 ? bad.splice(0, 1) : [])]));
  await untilComplete(webhookId, 50);
  const dead = await letters.until("dead letter of ours", ({ key }) => key?.toString() === webhookId, 5);
  const place = dead.map(({ headers }) => `${headers["source-topic"]} ${headers.code} ${headers.field}`);
  expect(place.sort()).toEqual([
    "webhook.attempts undecodable value",
    "webhook.attempts unprocessable accepted_at",
    "webhook.attempts unprocessable value",
    "webhook.deliveries undecodable header event-id",
    "webhook.deliveries unprocessable value",
  ]);
  expect(await app.counted("waggle_dead_letters_total")).toBeGreaterThan(0);
  await letters.close();
});

test("a record older than all that is kept is passed over", async () => {
  const app = await start({ retentionDays: 2 });
  const old = anIdentity({ webhook_id: `wh_${randomUUID()}`, accepted_at: Date.now() - 13 * DAY_MS });
  const { webhookId, records } = traffic(1, old.webhook_id);
  await producer.send([encodeAttempt(anAttempt(old)), encodeDelivery(aDelivery(old)), ...records]);
  await untilComplete(webhookId, 1);
  await eventually("all to be done", async () => (await lag(app)) === 0);
  expect(await logged(webhookId)).toEqual(complete(1));
});

describe("while PostgreSQL", () => {
  let proxy: PostgresProxy;
  beforeEach(async () => {
    proxy = await PostgresProxy.to(database.url);
  });
  afterEach(() => proxy.close());

  test.each([
    ["is away", (it: PostgresProxy) => it.cut()],
    ["hangs", (it: PostgresProxy) => it.freeze()],
  ])("%s nothing is lost, and people are told", async (_how, harm) => {
    const app = await start({ databaseUrl: proxy.url });
    const before = traffic(200);
    await producer.send(before.records);
    await eventually("the first rows", async () => Number((await logged(before.webhookId))?.attempts) > 0);
    harm(proxy);
    const during = traffic(1_000);
    await producer.send(during.records);
    const answer = await fetch(`${app.url}/v1/deliveries`, { headers: { authorization: "Bearer one" } });
    expect(answer.status).toBe(503);
    expect(answer.headers.get("retry-after")).toBe("5");
    expect(await answer.json()).toMatchObject({ code: "database_unavailable" });
    expect(app.service.readiness.live).toBe(true);
    proxy.open();
    await untilComplete(before.webhookId, 200, 60_000);
    await untilComplete(during.webhookId, 1_000, 60_000);
  });

  test("ends sessions in the middle of batches, nothing is lost and nothing counted twice", async () => {
    await start();
    const webhooks = Array.from({ length: 6 }, () => traffic(500));
    const sent = Promise.all(webhooks.map(({ records }) => producer.send(records)));
    for (let i = 0; i < 15; i++) {
      await database.rows(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'`,
      );
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    await sent;
    for (const { webhookId } of webhooks) await untilComplete(webhookId, 500, 60_000);
  });
});

test("what was taken when the process is told to stop is stored before it goes", async () => {
  const group = `observe-${randomUUID()}`;
  const app = await start({ group });
  const { webhookId, records } = traffic(300);
  await producer.send(records);
  await eventually("the first records to be taken", async () => (await lag(app)) > 0);
  await stop(app);
  await start({ group });
  await untilComplete(webhookId, 300);
});

test("attempts whose deliveries are logged much later still find their bodies", async () => {
  const { webhookId, records } = traffic(20);
  const late = records.filter(({ topic }) => topic === WEBHOOK_DELIVERIES);
  await start();
  await producer.send(records.filter(({ topic }) => topic === WEBHOOK_ATTEMPTS));
  await eventually("the attempts", async () => (await logged(webhookId))?.attempts === 40);
  await producer.send(late);
  await untilComplete(webhookId, 20);
});
