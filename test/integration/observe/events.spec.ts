import { randomUUID } from "node:crypto";
import { DEAD_LETTERS, EMAIL_EVENTS, encodeEmailEvent, TOPICS } from "@waggle/contracts";
import { type EmailEvent } from "@waggle/domain";
import { BatchingProducer, createKafka, ensureTopics } from "@waggle/kafka";
import { createLogger } from "@waggle/service";
import { anEmailEvent, eventually, TopicTail, testBrokers } from "@waggle/testing";
import { type LogDatabase, openLogDatabase } from "./log-database";
import { type ObserveApp, runObserve } from "./running-observe";

jest.setTimeout(120_000);

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

async function start(group = `events-${randomUUID()}`): Promise<ObserveApp> {
  const app = await runObserve({ group, databaseUrl: database.url });
  apps.push(app);
  return app;
}

/** Events of a tenant of their own. */
function some(count: number, tenantId = `ten_${randomUUID()}`): EmailEvent[] {
  return Array.from({ length: count }, () =>
    anEmailEvent({ id: `evt_${randomUUID()}`, tenant_id: tenantId, accepted_at: Date.now() }),
  );
}

function rows(tenantId: string | undefined) {
  return database.rows("SELECT * FROM events WHERE tenant_id = $1 ORDER BY event_id, accepted_at", [tenantId]);
}

async function untilStored(events: readonly EmailEvent[]): Promise<void> {
  const tenantId = events[0]?.tenant_id;
  await eventually(`${events.length} events`, async () => (await rows(tenantId)).length === events.length, 30_000);
}

async function lag(app: ObserveApp): Promise<number> {
  const metric = await app.service.metrics.getSingleMetric("waggle_consumer_lag_records")?.get();
  return metric?.values.reduce((sum, { value }) => sum + value, 0) ?? 0;
}

test("an accepted event is stored as it was accepted, with what it is found by", async () => {
  await start();
  const data = { tags: ["a", 'b"\\', "\ud800\0"], email_id: "msg\0", note: "\0\ud800", __proto__: 1 };
  const [event = anEmailEvent()] = some(1).map((it) => ({ ...it, data: { ...it.data, ...data } }));
  await producer.send([encodeEmailEvent(event)]);
  await untilStored([event]);
  const [row] = await rows(event.tenant_id);
  expect(row).toEqual({
    event_id: event.id,
    accepted_at: new Date(event.accepted_at),
    tenant_id: event.tenant_id,
    event_type: "delivery",
    email_id: "msg\ufffd",
    tags: ["a", 'b"\\', "\ufffd\ufffd"],
    body: JSON.stringify(event),
  });
});

test("reading everything again changes no row", async () => {
  const first = await start();
  const events = some(500);
  await producer.send(events.map(encodeEmailEvent));
  await untilStored(events);
  await first.stop();
  apps = [];
  const before = await rows(events[0]?.tenant_id);
  const again = await start();
  const after = some(1);
  await producer.send(after.map(encodeEmailEvent));
  await untilStored(after);
  await eventually("everything to be read again", async () => (await lag(again)) === 0);
  expect(await rows(events[0]?.tenant_id)).toEqual(before);
});

test("several processes share the work and lose nothing when one of them goes", async () => {
  const group = `events-${randomUUID()}`;
  const batches = Array.from({ length: 4 }, () => some(200));
  const [one, two, three, four] = batches.map((events) => events.map(encodeEmailEvent));
  const first = await start(group);
  await producer.send(one ?? []);
  await start(group);
  await producer.send([...(two ?? []), ...(three ?? [])]);
  await first.stop();
  apps = apps.filter((app) => app !== first);
  await producer.send(four ?? []);
  for (const events of batches) await untilStored(events);
});

test("what is no event goes to the dead letters, and its neighbours are stored", async () => {
  await start();
  const letters = await TopicTail.open(kafka, [DEAD_LETTERS]);
  const events = some(3);
  const key = `bad-${randomUUID()}`;
  await producer.send([{ topic: EMAIL_EVENTS, key, value: "{}" }, ...events.map(encodeEmailEvent)]);
  await untilStored(events);
  const [letter] = await letters.until("dead letter of ours", (record) => record.key?.toString() === key);
  expect(letter?.headers.code?.toString()).toBe("undecodable");
  await letters.close();
});
