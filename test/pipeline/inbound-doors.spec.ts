import { encodeDirectoryRecord } from "@waggle/contracts";
import { BatchingProducer, createKafka } from "@waggle/kafka";
import { createLogger } from "@waggle/service";
import { eventually, Receiver, RunningStack, TenantClient } from "@waggle/testing";
import { createTransport } from "nodemailer";

jest.setTimeout(240_000);

const HASH = "d00r5";

describe("mail for an inbound address", () => {
  let stack: RunningStack;
  let receiver: Receiver;

  beforeAll(async () => {
    [stack, receiver] = await Promise.all([RunningStack.start(), Receiver.start()]);
  });
  afterAll(async () => {
    await receiver.close();
    expect(await stack.stop()).toBe(0);
  });

  /** As the control plane does it. */
  async function addAddress(tenantId: string): Promise<void> {
    const logger = createLogger("test", "silent");
    const brokers = stack.ready.kafka_brokers.split(",");
    const kafka = createKafka({ brokers, ssl: false, sasl: null, clientId: "test", logger });
    const producer = new BatchingProducer({ kafka, logger });
    const entry = { version: Date.now(), deleted: false as const, hash: HASH, tenant_id: tenantId };
    await producer.send([encodeDirectoryRecord({ kind: "inbound", id: HASH, entry })]);
    await producer.disconnect();
  }

  it("sent by SMTP reaches the webhook that is subscribed to it", async () => {
    const tenant = await TenantClient.create(stack, { name: "buzz", dialect: "buzzmark" });
    await tenant.createWebhook({ url: receiver.url("/mail"), events: ["inbound"] });
    await addAddress(tenant.tenantId);
    const [host, port] = stack.ready.smtp_address.split(":");
    const transport = createTransport({ host: String(host), port: Number(port), ignoreTLS: true });
    const mail = { from: "Jo <jo@world.com>", to: `${HASH}@in.localhost`, subject: "By SMTP ✓", text: "Hi" };
    await eventually("the address to be known", () =>
      transport.sendMail(mail).then(
        () => true,
        () => false,
      ),
    );
    transport.close();
    const posted = await eventually("the message", () => receiver.at("/mail")[0], 30_000);
    expect(posted.headers).toMatchObject({ "x-buzzmark-event": "inbound", "x-buzzmark-inbound-hash": HASH });
    expect(JSON.parse(posted.body.toString())).toMatchObject({
      From: "jo@world.com",
      FromName: "Jo",
      To: `${HASH}@in.localhost`,
      Subject: "By SMTP ✓",
    });
  });
});
