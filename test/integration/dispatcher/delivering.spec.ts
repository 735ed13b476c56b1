import { createHmac, randomBytes } from "node:crypto";
import {
  type AttemptRecord,
  DEAD_LETTERS,
  DELIVERY_TOPICS,
  type DeliveryRecord,
  decodeAttempt,
  decodeDelivery,
  encodeDelivery,
  encodeDirectoryRecord,
  type TenantEntry,
  TIER_TOPICS,
  TOPICS,
  WEBHOOK_ATTEMPTS,
  WEBHOOK_DELIVERIES,
  type WebhookEntry,
} from "@waggle/contracts";
import { BatchingProducer, createKafka, ensureTopics } from "@waggle/kafka";
import { createSecretBox, tenantAad, webhookAad } from "@waggle/secrets";
import { createLogger } from "@waggle/service";
import { aWebhookEntry, eventually, PrivateBroker, type ReceivedRequest, Receiver, TopicTail } from "@waggle/testing";
import { aDelivery } from "../../../apps/dispatcher/src/deliver/delivery-engine.fake";
import { RunningDispatcher } from "./running-dispatcher";

/** A tier of 30 s lasts half a second, one of 2 min two. */
const TIME_SCALE = 60;
const SECRET = "the-first-secret-1";
const secretsKeys = `k1:${randomBytes(32).toString("base64")}`;
const box = createSecretBox(secretsKeys);
const lostBox = createSecretBox(`k0:${randomBytes(32).toString("base64")}`);
const logger = createLogger("test", "silent");

jest.setTimeout(60_000);

describe("the dispatcher on a real Kafka", () => {
  let broker: PrivateBroker;
  let producer: BatchingProducer;
  let tail: TopicTail;
  let receiver: Receiver;
  let dispatcher: RunningDispatcher;
  let made = 0;

  const start = () => RunningDispatcher.start({ brokers: broker.brokers, secretsKeys, timeScale: TIME_SCALE });

  beforeAll(async () => {
    broker = await PrivateBroker.start();
    const kafka = createKafka({ brokers: broker.brokers, ssl: false, sasl: null, clientId: "test", logger });
    await ensureTopics(kafka, TOPICS, 1);
    producer = new BatchingProducer({ kafka, logger });
    await producer.connect();
    tail = await TopicTail.open(kafka, [WEBHOOK_ATTEMPTS, DEAD_LETTERS, ...TIER_TOPICS]);
    receiver = await Receiver.start();
    dispatcher = await start();
  }, 120_000);

  afterAll(async () => {
    await dispatcher.stop();
    await Promise.all([tail.close(), producer.disconnect(), receiver.close()]);
    await broker.close();
  }, 60_000);

  /** A webhook of this test alone: its id is the path of its URL. */
  function aWebhook(overrides: Partial<WebhookEntry> = {}): WebhookEntry {
    const id = `wh_${made++}`;
    const { tenant_id = "ten_1" } = overrides;
    return aWebhookEntry({
      id,
      tenant_id,
      url: receiver.url(`/${id}`),
      secrets: [{ sealed: box.seal(SECRET, webhookAad(tenant_id, id)), expires_at: null }],
      ...overrides,
    });
  }

  const putWebhook = (...entries: readonly WebhookEntry[]) =>
    producer.send(entries.map((entry) => encodeDirectoryRecord({ kind: "webhook", id: entry.id, entry })));

  /** Deliveries for a webhook that assume the state it has here, so that the dispatcher waits until it knows it. */
  function deliveriesFor({ id, tenant_id, version }: WebhookEntry, ...overrides: readonly Partial<DeliveryRecord>[]) {
    return overrides.map((more) =>
      aDelivery({
        delivery_id: `dlv_${made++}`,
        webhook_id: id,
        tenant_id,
        min_webhook_version: version,
        body: Buffer.from(`{"n":${made}}`),
        ...more,
      }),
    );
  }

  const put = (...deliveries: readonly DeliveryRecord[]) =>
    producer.send(deliveries.map((delivery) => encodeDelivery(delivery)));

  const attemptsOf = (webhook: WebhookEntry, count: number): Promise<AttemptRecord[]> =>
    tail
      .until(
        `attempt of ${webhook.id}`,
        ({ topic, key }) => topic === WEBHOOK_ATTEMPTS && key?.toString() === webhook.id,
        count,
      )
      .then((records) => records.map(decodeAttempt));

  const onTiers = (webhook: WebhookEntry) =>
    tail.records.filter(({ topic, key }) => TIER_TOPICS.includes(topic) && key?.toString() === webhook.id);

  const requests = (webhook: WebhookEntry): ReceivedRequest[] => receiver.at(`/${webhook.id}`);

  /** Everything put so far is done: no consumer has anything left. */
  const idle = () =>
    eventually("nothing to be left", async () => {
      const lag = await dispatcher.metric("waggle_consumer_lag_records");
      return lag === 0 && receiver.requests.length;
    });

  it("delivers signed, once, and says so on the attempts topic", async () => {
    const webhook = aWebhook();
    const [delivery = aDelivery()] = deliveriesFor(webhook, { recipient: "größe@example.com", tags: ["a"] });
    await putWebhook(webhook);
    await put(delivery);
    const [attempt] = await attemptsOf(webhook, 1);
    const [request] = requests(webhook);
    const body = delivery.body.toString();
    const timestamp = request?.headers["webhook-timestamp"];
    const key = (text: string) => createHmac("sha256", SECRET).update(text);
    expect(request?.body).toEqual(delivery.body);
    expect(request?.headers).toMatchObject({
      "content-type": "application/json",
      "user-agent": expect.stringMatching(/^waggle\/\d/),
      "webhook-id": delivery.delivery_id,
      "webhook-attempt": "1",
      "webhook-signature": `v1,${key(`${delivery.delivery_id}.${timestamp}.${body}`).digest("base64")}`,
      "x-hiveku-signature": key(body).digest("hex"),
    });
    expect(attempt).toMatchObject({
      delivery_id: delivery.delivery_id,
      recipient: "größe@example.com",
      tags: ["a"],
      webhook_version: 1,
      circuit: "closed",
      try: { number: 1, status_code: 200, error: null, response_body: "ok" },
      state: { status: "delivered" },
    });
    expect(await dispatcher.metric("waggle_attempts_total", { result: "delivered", status_class: "2xx" })).toBe(1);
  });

  it("retries from the tier and the partition that the schedule and the webhook name, never early", async () => {
    const webhook = aWebhook();
    receiver.behaviour = ({ path }) => ({
      status: path === `/${webhook.id}` && requests(webhook).length < 3 ? 500 : 200,
    });
    await putWebhook(webhook);
    await put(...deliveriesFor(webhook, {}));
    const attempts = await attemptsOf(webhook, 3);
    expect(attempts.map(({ try: http, state }) => [http?.number, state.status])).toEqual([
      [1, "pending"],
      [2, "pending"],
      [3, "delivered"],
    ]);
    const [first, second] = onTiers(webhook);
    expect([first?.topic, second?.topic]).toEqual(["webhook.deliveries.retry.30s", "webhook.deliveries.retry.2m"]);
    expect(first?.partition).toBe(second?.partition);
    const times = requests(webhook);
    expect(times.map(({ headers }) => headers["webhook-attempt"])).toEqual(["1", "2", "3"]);
    expect(new Set(times.map(({ body }) => body.toString())).size).toBe(1);
    expect((times[1]?.at ?? 0) - (times[0]?.answeredAt ?? 0)).toBeGreaterThanOrEqual(500);
    expect((times[2]?.at ?? 0) - (times[1]?.answeredAt ?? 0)).toBeGreaterThanOrEqual(2_000);
  });

  describe("judges a delivery that waits in a tier by what its webhook is when it is due:", () => {
    async function failedOnce(overrides: Partial<WebhookEntry> = {}): Promise<WebhookEntry> {
      const webhook = aWebhook(overrides);
      receiver.behaviour = ({ path }) => ({ status: path === `/${webhook.id}` ? 500 : 200, body: "ok" });
      await putWebhook(webhook);
      await put(...deliveriesFor(webhook, {}));
      await attemptsOf(webhook, 1);
      return webhook;
    }

    it("disabled", async () => {
      const webhook = await failedOnce();
      await putWebhook({ ...webhook, version: 2, status: "disabled", disabled_reason: "manual" });
      const [, end] = await attemptsOf(webhook, 2);
      expect(end).toMatchObject({
        try: null,
        webhook_version: 2,
        state: { status: "skipped", reason: "webhook_disabled" },
      });
      expect(requests(webhook)).toHaveLength(1);
    });

    it("deleted", async () => {
      const webhook = await failedOnce();
      const entry = { version: 2, deleted: true, deleted_at: Date.now() } as const;
      await producer.send([encodeDirectoryRecord({ kind: "webhook", id: webhook.id, entry })]);
      const [, end] = await attemptsOf(webhook, 2);
      expect(end).toMatchObject({ try: null, state: { status: "skipped", reason: "webhook_deleted" } });
      expect(requests(webhook)).toHaveLength(1);
    });

    it("pointing elsewhere", async () => {
      const webhook = await failedOnce();
      await putWebhook({ ...webhook, version: 2, url: receiver.url(`/${webhook.id}-new`) });
      const [, second] = await attemptsOf(webhook, 2);
      expect(second).toMatchObject({ try: { number: 2, status_code: 200 }, webhook_version: 2 });
      expect(requests(webhook)).toHaveLength(1);
      expect(receiver.at(`/${webhook.id}-new`)).toHaveLength(1);
    });

    it("re-queued, so that the older round is superseded", async () => {
      const webhook = await failedOnce();
      const delivery_id = requests(webhook)[0]?.headers["webhook-id"]?.toString() ?? "";
      receiver.behaviour = { status: 200, body: "ok" };
      const entry = { version: 3, deleted: false, id: delivery_id, min_round: 2 } as const;
      await producer.send([encodeDirectoryRecord({ kind: "delivery", id: delivery_id, entry })]);
      await put(...deliveriesFor(webhook, { delivery_id, round: 2 }));
      await attemptsOf(webhook, 2);
      await idle();
      expect(requests(webhook).map(({ headers }) => headers["webhook-attempt"])).toEqual(["1", "1"]);
    });
  });

  it("signs with both secrets while a rotation overlaps, and shows no custom header in the log", async () => {
    const { id, tenant_id, ...webhook } = aWebhook();
    const seal = (text: string) => box.seal(text, webhookAad(tenant_id, id));
    const rotated: WebhookEntry = {
      ...webhook,
      id,
      tenant_id,
      secrets: [
        { sealed: seal("the-newest-secret-2"), expires_at: null },
        { sealed: seal(SECRET), expires_at: Date.now() + 60_000 },
        { sealed: seal("an-expired-secret-0"), expires_at: Date.now() - 1 },
      ],
      headers: [{ name: "Authorization", sealed: seal("Bearer receivers-token") }],
    };
    await putWebhook(rotated);
    await put(...deliveriesFor(rotated, {}));
    const [attempt] = await attemptsOf(rotated, 1);
    const [request] = requests(rotated);
    const hex = (secret: string) =>
      createHmac("sha256", secret)
        .update(request?.body ?? "")
        .digest("hex");
    expect(request?.headers).toMatchObject({
      authorization: "Bearer receivers-token",
      "x-hiveku-signature": hex("the-newest-secret-2"),
      "x-hiveku-signature-previous": hex(SECRET),
    });
    expect(request?.headers["webhook-signature"]?.toString().split(" ")).toHaveLength(2);
    expect(attempt?.try?.request_headers.authorization).toBe("***");
  });

  it("signs with the tenant's secret for webhooks that have none, and follows it", async () => {
    const tenant_id = "ten_shared";
    const tenant = (version: number, secret: string): TenantEntry => ({
      version,
      deleted: false,
      id: tenant_id,
      dialect: "buzzmark",
      secrets: [{ sealed: box.seal(secret, tenantAad(tenant_id)), expires_at: null }],
    });
    const webhook = aWebhook({ tenant_id, dialect: "buzzmark", secrets: [] });
    const putTenant = (entry: TenantEntry) =>
      producer.send([encodeDirectoryRecord({ kind: "tenant", id: tenant_id, entry })]);
    const signatures = () =>
      requests(webhook).map(({ headers, body }) => {
        const secrets = ["the-tenants-secret-1", "the-tenants-secret-2"];
        return secrets.findIndex((secret) => {
          return headers["x-buzzmark-signature"] === createHmac("sha256", secret).update(body).digest("hex");
        });
      });
    await putTenant(tenant(1, "the-tenants-secret-1"));
    await putWebhook(webhook);
    await put(...deliveriesFor(webhook, { dialect: "buzzmark", event_type: "complaint" }));
    await attemptsOf(webhook, 1);
    await putTenant(tenant(2, "the-tenants-secret-2"));
    // The directory is one partition: who knows of the webhook's next version knows the tenant's.
    const next = { ...webhook, version: 2 };
    await putWebhook(next);
    await put(...deliveriesFor(next, { dialect: "buzzmark", event_type: "complaint" }));
    await attemptsOf(webhook, 2);
    expect(signatures()).toEqual([0, 1]);
    expect(requests(webhook)[0]?.headers["x-buzzmark-event"]).toBe("spam_complaint");
  });

  it("sends nothing unsigned: a secret that does not open holds deliveries up, and uses no attempt", async () => {
    const webhook = aWebhook();
    const sealed = lostBox.seal(SECRET, webhookAad(webhook.tenant_id, webhook.id));
    await putWebhook({ ...webhook, secrets: [{ sealed, expires_at: null }] });
    await put(...deliveriesFor(webhook, {}));
    await eventually("the delivery to be parked", () => onTiers(webhook).length > 0);
    expect(requests(webhook)).toEqual([]);
    const next = { ...webhook, version: 2 };
    await putWebhook(next);
    const [attempt] = await attemptsOf(next, 1);
    expect(attempt).toMatchObject({ try: { number: 1, status_code: 200 } });
  });

  it("sends nothing more to a webhook that answered 410, until its directory entry is newer", async () => {
    const webhook = aWebhook({ version: 5, max_in_flight: 1 });
    receiver.behaviour = ({ path }) => ({ status: path === `/${webhook.id}` ? 410 : 200, body: "ok" });
    await putWebhook(webhook);
    await put(...deliveriesFor(webhook, {}, {}, {}));
    const ends = await attemptsOf(webhook, 3);
    expect(ends.map(({ state }) => [state.status, state.reason])).toEqual([
      ["exhausted", "gone"],
      ["skipped", "webhook_disabled"],
      ["skipped", "webhook_disabled"],
    ]);
    expect(requests(webhook)).toHaveLength(1);
    receiver.behaviour = { status: 200, body: "ok" };
    const enabled = { ...webhook, version: 6 };
    await putWebhook(enabled);
    await put(...deliveriesFor(enabled, {}));
    const [, , , delivered] = await attemptsOf(webhook, 4);
    expect(delivered).toMatchObject({ state: { status: "delivered" } });
  });

  it("sends a marked test to a disabled webhook, and counts it nowhere", async () => {
    const webhook = aWebhook({ status: "disabled", disabled_reason: "manual" });
    const counted = await dispatcher.metric("waggle_attempts_total");
    await putWebhook(webhook);
    await put(...deliveriesFor(webhook, { test: true }));
    const [attempt] = await attemptsOf(webhook, 1);
    expect(attempt).toMatchObject({ test: true, circuit: null, state: { status: "delivered" } });
    expect(requests(webhook)[0]?.headers["webhook-test"]).toBe("true");
    expect(await dispatcher.metric("waggle_attempts_total")).toBe(counted);
  });

  it("waits for the directory when a delivery is ahead of it", async () => {
    const webhook = aWebhook({ version: 2 });
    await put(...deliveriesFor(webhook, {}));
    // What is put later is delivered first.
    const other = aWebhook();
    await putWebhook(other);
    await put(...deliveriesFor(other, {}));
    await attemptsOf(other, 1);
    expect(requests(webhook)).toEqual([]);
    await putWebhook(webhook);
    await attemptsOf(webhook, 1);
    expect(requests(webhook)).toHaveLength(1);
  });

  it("posts a delivery once, however often its record is there", async () => {
    const webhook = aWebhook();
    const [delivery = aDelivery(), last = aDelivery()] = deliveriesFor(webhook, {}, {});
    await putWebhook(webhook);
    await put(delivery, delivery);
    await put(delivery, last);
    await attemptsOf(webhook, 2);
    await idle();
    expect(requests(webhook).map(({ headers }) => headers["webhook-id"])).toEqual([
      delivery.delivery_id,
      last.delivery_id,
    ]);
  });

  it("goes on behind a record that is no delivery, which becomes a dead letter", async () => {
    const webhook = aWebhook();
    const [delivery = aDelivery()] = deliveriesFor(webhook, {});
    await putWebhook(webhook);
    const { headers: _, ...nameless } = encodeDelivery(delivery);
    await producer.send([nameless, encodeDelivery(delivery)]);
    await attemptsOf(webhook, 1);
    const [letter] = await tail.until("dead letter", ({ topic }) => topic === DEAD_LETTERS);
    expect(letter?.value).toEqual(delivery.body);
    expect(letter?.headers["source-topic"]?.toString()).toBe(WEBHOOK_DELIVERIES);
    expect(await dispatcher.metric("waggle_dead_letters_total", { reason: "undecodable" })).toBe(1);
  });

  it("parks what a busy webhook cannot take soon, and delivers all of it once", async () => {
    const webhook = aWebhook({ max_per_second: 5 });
    await putWebhook(webhook);
    await put(...deliveriesFor(webhook, ...Array.from({ length: 200 }, () => ({}))));
    // At 5 a second the last 50 would wait for more than 30 s.
    await eventually("deliveries to be parked", () => onTiers(webhook).length >= 45);
    const [parked] = onTiers(webhook).map(decodeDelivery);
    expect(parked).toMatchObject({ attempt: 1, park: 1, park_reason: "at_cap" });
    await putWebhook({ ...webhook, max_per_second: null, version: webhook.version + 1 });
    const attempts = await attemptsOf(webhook, 200);
    expect(attempts.every(({ state }) => state.status === "delivered")).toBe(true);
    await idle();
    expect(requests(webhook)).toHaveLength(200);
    expect(new Set(requests(webhook).map(({ headers }) => headers["webhook-id"])).size).toBe(200);
  });

  it("stops without repeating or losing anything: what is in flight ends, what waits is for the next process", async () => {
    const webhook = aWebhook({ max_in_flight: 2 });
    receiver.behaviour = ({ path }) => ({ status: 200, body: "ok", delayMs: path === `/${webhook.id}` ? 300 : 0 });
    await putWebhook(webhook);
    await put(...deliveriesFor(webhook, ...Array.from({ length: 12 }, () => ({}))));
    await eventually("the first requests", () => requests(webhook).length >= 3);
    await dispatcher.stop();
    const before = requests(webhook).length;
    expect(before).toBeLessThan(12);
    expect(await attemptsOf(webhook, before)).toHaveLength(before);
    dispatcher = await start();
    await attemptsOf(webhook, 12);
    await idle();
    expect(requests(webhook)).toHaveLength(12);
    expect(new Set(requests(webhook).map(({ headers }) => headers["webhook-id"])).size).toBe(12);
    expect(dispatcher.ready).toBe(true);
  });

  it("leaves nothing behind in any delivery topic", async () => {
    await idle();
    for (const topic of DELIVERY_TOPICS) {
      expect(await dispatcher.metric("waggle_consumer_lag_records", { topic })).toBe(0);
    }
  });
});
