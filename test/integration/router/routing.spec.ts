import { randomUUID } from "node:crypto";
import {
  DEAD_LETTERS,
  decodeAttempt,
  decodeDelivery,
  EMAIL_EVENTS,
  encodeDirectoryRecord,
  encodeEmailEvent,
  type ReceivedRecord,
  TOPICS,
  WEBHOOK_ATTEMPTS,
  WEBHOOK_DELIVERIES,
  type WebhookEntry,
  type WireRecord,
} from "@waggle/contracts";
import { DIALECTS, type EmailEvent, renderBody } from "@waggle/domain";
import { BatchingProducer, createKafka, ensureTopics } from "@waggle/kafka";
import { createLogger } from "@waggle/service";
import { anEmailEvent, aWebhookEntry, eventually, TopicTail, testBrokers } from "@waggle/testing";
import { RunningRouter } from "./running-router";

const logger = createLogger("test", "silent");
const kafka = createKafka({ brokers: testBrokers(), ssl: false, sasl: null, clientId: "test", logger });
const producer = new BatchingProducer({ kafka, logger });

/** All specs of a run share the topics: what is ours is known by our tenants. */
const ours = randomUUID();
const tenantId = `ten_${ours}`;
const groupId = `test-router-${ours}`;
let made = 0;

const anEvent = (overrides: Parameters<typeof anEmailEvent>[0] = {}): EmailEvent =>
  anEmailEvent({ id: `evt_${ours}_${made++}`, tenant_id: tenantId, ...overrides });

const aWebhook = (overrides: Partial<WebhookEntry> = {}): WebhookEntry =>
  aWebhookEntry({ id: `wh_${ours}_${made++}`, tenant_id: tenantId, ...overrides });

const inDirectory = (webhook: WebhookEntry): WireRecord =>
  encodeDirectoryRecord({ kind: "webhook", id: webhook.id, entry: webhook });

const isDelivery = ({ topic }: ReceivedRecord) => topic === WEBHOOK_DELIVERIES;
const concerns = (webhook: WebhookEntry) => (record: ReceivedRecord) =>
  record.key?.toString() === webhook.id && record.topic !== DEAD_LETTERS;

describe("the router on a real Kafka", () => {
  const everything = DIALECTS.map((dialect) => aWebhook({ dialect, version: 3 }));
  const marketing = aWebhook({ tags: ["marketing"] });
  const bounces = aWebhook({ event_types: ["bounce"] });
  const disabled = aWebhook({ status: "disabled", disabled_reason: "gone", version: 5 });
  const late = aWebhook({ created_at: anEmailEvent().accepted_at + 1_001 });
  const strangers = aWebhook({ tenant_id: `ten_${ours}_other` });
  const all = [...everything, marketing, bounces, disabled, late, strangers];

  let tail: TopicTail;
  let router: RunningRouter;

  async function outputsFor(webhook: WebhookEntry, count: number): Promise<ReceivedRecord[]> {
    return tail.until(`output for ${webhook.id}`, concerns(webhook), count);
  }

  beforeAll(async () => {
    await ensureTopics(kafka, TOPICS, 1);
    await producer.connect();
    await producer.send(all.map(inDirectory));
    tail = await TopicTail.open(kafka, [WEBHOOK_DELIVERIES, WEBHOOK_ATTEMPTS, DEAD_LETTERS]);
    router = await RunningRouter.start(groupId);
  }, 60_000);

  afterAll(async () => {
    await router.stop();
    await tail.close();
    await producer.disconnect();
  }, 60_000);

  it("is ready once it knows all webhooks and has its partitions", () => {
    expect(router.ready).toBe(true);
  });

  it("delivers an event to every webhook that matches, each in its dialect, and to no other", async () => {
    const event = anEvent({ data: { to: "größe@example.com", tags: ["order-shipped", "🐝"] } });
    const sentinel = anEvent({ type: "bounce", data: { bounce_type: "soft", tags: ["marketing"] } });
    await producer.send([event, sentinel].map(encodeEmailEvent));

    for (const webhook of everything) {
      const deliveries = (await outputsFor(webhook, 2)).map(decodeDelivery);
      const delivery = deliveries.find(({ event_id }) => event_id === event.id);
      expect(delivery).toMatchObject({ webhook_id: webhook.id, round: 1, attempt: 1, min_webhook_version: 3 });
      expect(delivery).toMatchObject({ recipient: "größe@example.com", tags: ["order-shipped", "🐝"] });
      expect(delivery?.body.toString()).toBe(renderBody(webhook.dialect, event));
    }
    // The sentinel lies behind the event in the same partitions, so what did not come before it never comes.
    for (const webhook of [marketing, bounces]) {
      const deliveries = (await outputsFor(webhook, 1)).map(decodeDelivery);
      expect(deliveries.map(({ event_id }) => event_id)).toEqual([sentinel.id]);
    }
    for (const webhook of [late, strangers]) expect(tail.records.filter(concerns(webhook))).toEqual([]);
  });

  it("writes a skip record for a disabled webhook, and no delivery", async () => {
    const event = anEvent();
    await producer.send([encodeEmailEvent(event)]);
    const skips = await tail.until("skip", (record) => concerns(disabled)(record) && mentions(record, event.id));
    expect(skips.map(decodeAttempt)).toMatchObject([
      { event_id: event.id, webhook_version: 5, try: null, state: { status: "skipped", reason: "webhook_disabled" } },
    ]);
    expect(tail.records.filter((record) => isDelivery(record) && concerns(disabled)(record))).toEqual([]);
  });

  it("goes on behind a record that nobody can decode, which becomes a dead letter", async () => {
    const dead = await router.counted("waggle_dead_letters_total", { reason: "undecodable" });
    const event = anEvent();
    const good = encodeEmailEvent(event);
    const poison = { topic: EMAIL_EVENTS, key: good.key, value: `{"tenant_id":"${tenantId}"`, headers: { x: "1" } };
    await producer.send([poison, good]);

    const [webhook = aWebhook()] = everything;
    await tail.until("delivery", (record) => concerns(webhook)(record) && mentions(record, event.id));
    const isOurs = (record: ReceivedRecord) =>
      record.topic === DEAD_LETTERS && record.value?.toString() === poison.value;
    const [letter] = await tail.until("dead letter", isOurs);
    expect(letter?.key?.toString()).toBe(good.key);
    expect(asText(letter)).toMatchObject({ "source-topic": EMAIL_EVENTS, code: "undecodable", field: "value", x: "1" });
    expect(await router.counted("waggle_dead_letters_total", { reason: "undecodable" })).toBeGreaterThan(dead);
  });

  it("hands the trace of an event on to its deliveries", async () => {
    const event = anEvent();
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    await producer.send([{ ...encodeEmailEvent(event), headers: { traceparent } }]);
    const found = await tail.until("delivery", (record) => isDelivery(record) && mentions(record, event.id), 3);
    expect(found.map((record) => decodeDelivery(record).traceparent)).toEqual([traceparent, traceparent, traceparent]);
  });

  it("heeds what becomes of a webhook while it runs", async () => {
    const webhook = aWebhook({ version: 10 });
    const [first, second, third, fourth] = [anEvent(), anEvent(), anEvent(), anEvent()];

    await producer.send([inDirectory(webhook)]);
    await router.knows(webhook.id, 10);
    await producer.send([encodeEmailEvent(first)]);
    expect((await outputsFor(webhook, 1)).map(decodeDelivery)).toMatchObject([{ event_id: first.id }]);

    await producer.send([inDirectory({ ...webhook, version: 11, status: "disabled", disabled_reason: "manual" })]);
    await router.knows(webhook.id, 11);
    await producer.send([encodeEmailEvent(second)]);
    const skip = (await outputsFor(webhook, 2)).find((record) => !isDelivery(record));
    expect(skip && decodeAttempt(skip)).toMatchObject({ event_id: second.id, webhook_version: 11 });

    await producer.send([inDirectory({ ...webhook, version: 12, tags: ["marketing"] })]);
    await router.knows(webhook.id, 12);
    await producer.send([
      encodeEmailEvent(anEvent()),
      encodeEmailEvent(anEvent({ ...third, data: { tags: ["marketing"] } })),
    ]);
    const deliveries = (await outputsFor(webhook, 3)).filter(isDelivery).map(decodeDelivery);
    expect(deliveries.map(({ event_id }) => event_id)).toEqual([first.id, third.id]);

    const deletion = { version: 13, deleted: true, deleted_at: Date.now() } as const;
    await producer.send([encodeDirectoryRecord({ kind: "webhook", id: webhook.id, entry: deletion })]);
    await router.knows(webhook.id, null);
    await producer.send([encodeEmailEvent(anEvent({ ...fourth, data: { tags: ["marketing"] } }))]);
    await tail.until("delivery", (record) => concerns(marketing)(record) && mentions(record, fourth.id));
    expect(tail.records.filter((record) => concerns(webhook)(record) && mentions(record, fourth.id))).toEqual([]);
  });

  it("counts events by what became of them", async () => {
    const before = await router.counted("waggle_router_events_total", { result: "unmatched" });
    const routed = await router.counted("waggle_router_events_total", { result: "routed" });
    const event = anEvent();
    await producer.send([encodeEmailEvent(anEvent({ tenant_id: `ten_${ours}_nobody` })), encodeEmailEvent(event)]);
    await tail.until("delivery", (record) => isDelivery(record) && mentions(record, event.id), 3);
    expect(routed).toBeGreaterThan(0);
    await eventually("an unmatched event", async () => {
      return (await router.counted("waggle_router_events_total", { result: "unmatched" })) > before;
    });
  });

  it("goes on where it stopped, and gives replayed events the same ids and bytes", async () => {
    const event = anEvent();
    await producer.send([encodeEmailEvent(event)]);
    const ofEvent = (record: ReceivedRecord) => mentions(record, event.id);
    const once = await tail.until("output", ofEvent, 4);

    await router.stop();
    router = await RunningRouter.start(groupId);
    const next = anEvent();
    await producer.send([encodeEmailEvent(next)]);
    await tail.until("output", (record) => mentions(record, next.id), 4);
    expect(tail.records.filter(ofEvent)).toHaveLength(4);

    const replaying = await RunningRouter.start(`${groupId}-replay`);
    const twice = await tail.until("replayed output", ofEvent, 8).finally(() => replaying.stop());
    expect(identities(twice.slice(4))).toEqual(identities(once));
  }, 60_000);
});

/** Whether a delivery or an attempt is of this event of ours. */
function mentions(record: ReceivedRecord, eventId: string): boolean {
  if (record.topic === DEAD_LETTERS || !record.key?.includes(ours)) return false;
  return (isDelivery(record) ? decodeDelivery(record) : decodeAttempt(record)).event_id === eventId;
}

/** What must be the same on every replay: ids and the bytes of the body. */
function identities(records: readonly ReceivedRecord[]): string[] {
  const of = (record: ReceivedRecord) => {
    if (!isDelivery(record)) return decodeAttempt(record).try_id;
    const { delivery_id, body } = decodeDelivery(record);
    return `${delivery_id} ${body.toString()}`;
  };
  return records.map(of).sort();
}

function asText(record: ReceivedRecord | undefined): Record<string, string> {
  return Object.fromEntries(Object.entries(record?.headers ?? {}).map(([name, value]) => [name, value.toString()]));
}
