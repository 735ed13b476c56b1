import { randomUUID } from "node:crypto";
import { monitorEventLoopDelay } from "node:perf_hooks";
import {
  DEAD_LETTERS,
  decodeAttempt,
  decodeDelivery,
  EMAIL_INBOUND,
  encodeDirectoryRecord,
  encodeEmailEvent,
  encodeInboundMail,
  type InboundMail,
  MAX_BODY_BYTES,
  MAX_MAIL_BYTES,
  TOPICS,
  WEBHOOK_ATTEMPTS,
  WEBHOOK_DELIVERIES,
  type WebhookEntry,
} from "@waggle/contracts";
import { DIALECTS } from "@waggle/domain";
import { BatchingProducer, createKafka, ensureTopics } from "@waggle/kafka";
import { createLogger } from "@waggle/service";
import { anEmailEvent, aWebhookEntry, PrivateBroker, TopicTail } from "@waggle/testing";
import { RunningRouter } from "./running-router";

const logger = createLogger("test", "silent");

const ours = randomUUID();
const tenantId = `ten_${ours}`;
const hash = `hash-${ours}`;
let made = 0;

const aWebhook = (overrides: Partial<WebhookEntry>): WebhookEntry =>
  aWebhookEntry({
    id: `wh_${ours}_${made++}`,
    tenant_id: tenantId,
    event_types: ["inbound"],
    created_at: 0,
    ...overrides,
  });

const mailWith = (raw: Buffer | string, overrides: Partial<InboundMail> = {}): InboundMail => ({
  id: `evt_${ours}_${made++}`,
  tenant_id: tenantId,
  hash,
  accepted_at: Date.UTC(2026, 3, 17, 12, 34, 56, 789),
  sender: "sender@world.com",
  bounce: false,
  recipient: `${hash}@in.localhost`,
  door: "smtp",
  raw: Buffer.from(raw),
  ...overrides,
});

const HELLO = "From: =?utf-8?Q?J=C3=B6?= <jo@world.com>\r\nSubject: Hello\r\n\r\nHi 🐝\r\n";

describe("mail through the router on a real Kafka", () => {
  const webhooks = DIALECTS.map((dialect) => aWebhook({ dialect, version: 3 }));
  const tagged = aWebhook({ tags: ["marketing"], dialect: "standard" });
  const everythingElse = aWebhook({ event_types: ["delivery", "bounce", "complaint", "open", "click"] });
  const disabled = aWebhook({ status: "disabled", disabled_reason: "manual", version: 5 });
  const strangers = aWebhook({ tenant_id: `ten_${ours}_other` });
  const [hiveku = tagged, buzzmark = tagged] = webhooks;
  const wanting = [...webhooks, tagged];

  /** Of our own: on the test run's, this router would route what other specs publish. */
  let broker: PrivateBroker;
  let producer: BatchingProducer;
  let tail: TopicTail;
  let router: RunningRouter;

  async function deliveriesOf(mail: InboundMail, webhook: WebhookEntry) {
    const found = await tail.until(`delivery of ${mail.id} to ${webhook.id}`, ({ topic, key, headers }) => {
      return (
        topic === WEBHOOK_DELIVERIES && key?.toString() === webhook.id && headers["event-id"]?.toString() === mail.id
      );
    });
    return found.map(decodeDelivery);
  }

  async function bodyOf(mail: InboundMail, webhook = buzzmark) {
    const [delivery] = await deliveriesOf(mail, webhook);
    const text = delivery?.body.toString() ?? "";
    return { ...JSON.parse(text), bytes: Buffer.byteLength(text) };
  }

  beforeAll(async () => {
    broker = await PrivateBroker.start();
    const kafka = createKafka({ brokers: broker.brokers, ssl: false, sasl: null, clientId: "test", logger });
    producer = new BatchingProducer({ kafka, logger });
    await ensureTopics(kafka, TOPICS, 1);
    await producer.connect();
    const all = [...wanting, everythingElse, disabled, strangers];
    await producer.send(all.map((entry) => encodeDirectoryRecord({ kind: "webhook", id: entry.id, entry })));
    tail = await TopicTail.open(kafka, [WEBHOOK_DELIVERIES, WEBHOOK_ATTEMPTS, DEAD_LETTERS]);
    router = await RunningRouter.start("test-inbound", broker.brokers);
  }, 60_000);

  afterAll(async () => {
    await router.stop();
    await tail.close();
    await producer.disconnect();
    await broker.close();
  }, 60_000);

  it("is delivered to every webhook that names inbound, tag filter or not, and to no other", async () => {
    const mail = mailWith(HELLO);
    await producer.send([encodeInboundMail(mail)]);
    for (const webhook of wanting) {
      expect(await deliveriesOf(mail, webhook)).toMatchObject([
        {
          event_type: "inbound",
          inbound_hash: hash,
          recipient: mail.recipient,
          accepted_at: mail.accepted_at,
          round: 1,
        },
      ]);
    }
    expect(await bodyOf(mail)).toMatchObject({
      From: "jo@world.com",
      FromName: "Jö",
      To: mail.recipient,
      TextBody: "Hi 🐝\n",
    });
    expect(await bodyOf(mail, hiveku)).toMatchObject({ id: mail.id, created_at: "2026-04-17T12:34:56Z" });
    const [skip] = await tail.until(
      "skip",
      ({ topic, key }) => topic === WEBHOOK_ATTEMPTS && key?.toString() === disabled.id,
    );
    expect(skip && decodeAttempt(skip)).toMatchObject({ event_id: mail.id, state: { reason: "webhook_disabled" } });
    for (const { id } of [everythingElse, strangers]) {
      expect(tail.records.filter(({ key }) => key?.toString() === id)).toEqual([]);
    }
  }, 30_000);

  it("that nobody can decode is a dead letter, and what lies behind it is delivered", async () => {
    const behind = mailWith(HELLO);
    const good = encodeInboundMail(behind);
    const poison = { ...good, value: `poison ${ours}`, headers: { ...good.headers, door: "window" } };
    await producer.send([poison, good]);
    await deliveriesOf(behind, buzzmark);
    const [letter] = await tail.until("dead letter", ({ topic, value }) => {
      return topic === DEAD_LETTERS && value?.toString() === poison.value;
    });
    expect(letter?.headers["source-topic"]?.toString()).toBe(EMAIL_INBOUND);
    expect(letter?.headers.field?.toString()).toBe("header door");
  }, 30_000);

  it("of 10 MiB is delivered, cut when its body would not fit", async () => {
    const type = "Content-Type: text/plain; charset=iso-8859-1\r\n\r\n";
    const fits = mailWith(Buffer.concat([Buffer.from(type), Buffer.alloc(MAX_MAIL_BYTES - 1_000, "line of text\r\n")]));
    const tooLong = mailWith(
      Buffer.concat([Buffer.from(type), Buffer.alloc(MAX_MAIL_BYTES - 1_000, "\xfc\xdf", "latin1")]),
    );
    await producer.send([encodeInboundMail(fits)]);
    await producer.send([encodeInboundMail(tooLong)]);
    expect(await bodyOf(fits)).not.toHaveProperty("Truncated");
    const cut = await bodyOf(tooLong);
    expect(cut).toMatchObject({ Truncated: true });
    expect(cut.bytes).toBeLessThanOrEqual(MAX_BODY_BYTES);
    expect(cut.bytes).toBeGreaterThan(MAX_BODY_BYTES - 2_000);
  }, 120_000);

  it("that takes for ever to read is told of by its header, while events go on", async () => {
    const bomb = mailWith(
      Buffer.concat([Buffer.from("Subject: a bomb\r\n\r\n"), Buffer.alloc(MAX_MAIL_BYTES - 1_000, "\n")]),
    );
    const delay = monitorEventLoopDelay({ resolution: 5 });
    await producer.send([encodeInboundMail(bomb)]);
    delay.enable();
    for (let count = 0; count < 20; count += 1) {
      const event = anEmailEvent({ id: `evt_${ours}_${made++}`, tenant_id: tenantId });
      const sentAt = Date.now();
      await producer.send([encodeEmailEvent(event)]);
      await tail.until("delivery of an event", ({ headers }) => headers["event-id"]?.toString() === event.id);
      expect(Date.now() - sentAt).toBeLessThan(3_000);
    }
    expect(await bodyOf(bomb)).toMatchObject({ Subject: "a bomb", TextBody: null, ParseError: "took_too_long" });
    delay.disable();
    expect(delay.max / 1e6).toBeLessThan(1_000);
  }, 120_000);
});
