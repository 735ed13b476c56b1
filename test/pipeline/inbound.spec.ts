import { createHmac } from "node:crypto";
import { encodeInboundMail, type InboundMail, MAX_MAIL_BYTES } from "@waggle/contracts";
import { BatchingProducer, createKafka } from "@waggle/kafka";
import { createLogger } from "@waggle/service";
import { eventually, type ReceivedRequest, Receiver, RunningStack, TenantClient } from "@waggle/testing";

jest.setTimeout(240_000);

describe("mail that came in", () => {
  let stack: RunningStack;
  let receiver: Receiver;
  let producer: BatchingProducer;

  beforeAll(async () => {
    [stack, receiver] = await Promise.all([RunningStack.start({ TIME_SCALE: "60" }), Receiver.start()]);
    const logger = createLogger("test", "silent");
    const brokers = stack.ready.kafka_brokers.split(",");
    producer = new BatchingProducer({
      kafka: createKafka({ brokers, ssl: false, sasl: null, clientId: "test", logger }),
      logger,
    });
    await producer.connect();
  });
  afterAll(async () => {
    await producer.disconnect();
    await receiver.close();
    expect(await stack.stop()).toBe(0);
  });

  async function receive(tenant: TenantClient, raw: Buffer, id: string): Promise<void> {
    const mail: InboundMail = {
      id,
      tenant_id: tenant.tenantId,
      hash: "4f2a9c",
      accepted_at: Date.now(),
      sender: "sender@world.com",
      bounce: false,
      recipient: "4F2A9C@in.localhost",
      door: "smtp",
      raw,
    };
    await producer.send([encodeInboundMail(mail)]);
  }

  it("reaches a buzzmark webhook as documented, signed, and again when it is requeued", async () => {
    const tenant = await TenantClient.create(stack, { name: "buzz", dialect: "buzzmark", shared_secret: false });
    const { secret } = await tenant.createWebhook({ url: receiver.url("/buzz"), events: ["inbound"] });
    await receive(tenant, Buffer.from("From: Jo <jo@world.com>\r\nSubject: Hello\r\n\r\nHi\r\n"), "evt_hello");
    const first = await eventually("the message", () => receiver.at("/buzz")[0], 30_000);
    expect(JSON.parse(first.body.toString())).toMatchObject({ From: "jo@world.com", To: "4f2a9c@in.localhost" });
    const signature = createHmac("sha256", String(secret)).update(first.body).digest("hex");
    const headers = {
      "x-buzzmark-event": "inbound",
      "x-buzzmark-inbound-hash": "4f2a9c",
      "x-buzzmark-signature": signature,
    };
    expect(first.headers).toMatchObject(headers);

    const [logged] = await eventually("the delivery in the log", async () => {
      const delivered = await tenant.deliveries("status=delivered&event_type=inbound");
      return delivered.length > 0 && delivered;
    });
    expect((await tenant.manage("POST", `/v1/deliveries/${logged?.id}/requeue`)).status).toBe(202);
    const second = await eventually("the second round", () => receiver.at("/buzz")[1], 30_000);
    expect(second.body.equals(first.body)).toBe(true);
    expect(second.headers).toMatchObject(headers);
  });

  it("of 10 MiB reaches its webhooks whole, tried again too, while events are not held up", async () => {
    const isFirst = (request: ReceivedRequest) => receiver.at("/large")[0] === request;
    receiver.behaviour = (request) => ({ status: isFirst(request) ? 500 : 200 });
    const tenant = await TenantClient.create(stack, { name: "large" });
    await tenant.createWebhook({ url: receiver.url("/large"), events: ["inbound"] });
    await tenant.createWebhook({ url: receiver.url("/events"), events: ["*"] });
    const text = Buffer.alloc(MAX_MAIL_BYTES - 1_000, "a line of text\n");
    const raw = Buffer.concat([Buffer.from("Subject: large\n\n"), text]);
    for (let count = 0; count < 5; count += 1) await receive(tenant, raw, `evt_large_${count}`);
    await tenant.publish({ type: "delivery", data: { email_id: "m", to: "a@example.com" } });
    await eventually("the event", () => receiver.at("/events")[0], 10_000);
    await eventually("all messages", () => receiver.at("/large").length >= 6, 90_000);
    const attempts = receiver.at("/large").map(({ headers }) => headers["webhook-attempt"]);
    expect(attempts.sort()).toEqual(["1", "1", "1", "1", "1", "2"]);
    for (const { body } of receiver.at("/large")) {
      expect(JSON.parse(body.toString()).data.text_body).toHaveLength(text.length);
    }
  });
});
