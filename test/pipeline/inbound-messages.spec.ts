import { eventually, Receiver, RunningStack, TenantClient } from "@waggle/testing";
import { createTransport } from "nodemailer";

jest.setTimeout(240_000);

describe("a message that comes in", () => {
  let stack: RunningStack;
  let receiver: Receiver;
  let tenant: TenantClient;
  let address: { readonly hash: string; readonly address: string };

  beforeAll(async () => {
    [stack, receiver] = await Promise.all([RunningStack.start(), Receiver.start()]);
    tenant = await TenantClient.create(stack, { name: "buzz", dialect: "buzzmark" });
    // A buzzmark tenant has one from the start.
    const { body } = await tenant.manage("GET", "/v1/inbound-addresses");
    [address] = (body as { items: [typeof address] }).items;
  });
  afterAll(async () => {
    await receiver.close();
    expect(await stack.stop()).toBe(0);
  });

  async function send(subject: string): Promise<void> {
    const [host, port] = stack.ready.smtp_address.split(":");
    const transport = createTransport({ host: String(host), port: Number(port), ignoreTLS: true });
    const attachments = [{ filename: "Grüße.pdf", contentType: "application/pdf", content: Buffer.from("%PDF-1.4\0") }];
    const mail = {
      from: "Jo <jo@world.com>",
      to: address.address,
      subject,
      text: "Hi",
      html: "<p>Hi</p>",
      attachments,
    };
    await eventually("the address to be known", () =>
      transport.sendMail(mail).then(
        () => true,
        () => false,
      ),
    );
    transport.close();
  }

  async function stored(subject: string, sender = "&sender=jo@world.com"): Promise<Record<string, unknown>> {
    return eventually(
      "the stored message",
      async () => {
        const { body } = await tenant.manage("GET", `/v1/inbound-messages?address=${address.address}${sender}`);
        const { items } = body as { items: Record<string, unknown>[] };
        return items.find((item) => item.subject === subject);
      },
      30_000,
    );
  }

  const download = (path: string) =>
    fetch(`${stack.ready.management_url}/v1/inbound-messages/${path}`, {
      headers: { authorization: `Bearer ${stack.ready.admin_token}` },
    });

  it("by SMTP reaches its webhook, and is read back with its source and its attachment", async () => {
    await tenant.createWebhook({ url: receiver.url("/mail"), events: ["inbound"] });
    await send("First");
    const posted = await eventually("the POST", () => receiver.at("/mail")[0], 30_000);
    expect(posted.headers).toMatchObject({ "x-buzzmark-inbound-hash": address.hash });
    const message = await stored("First");
    const raw = await download(`${message.id}/raw`);
    expect(await raw.text()).toContain("Subject: First\r\n");
    const attachment = await download(`${message.id}/attachments/0`);
    expect(await attachment.text()).toBe("%PDF-1.4\0");
    expect(attachment.headers.get("content-disposition")).toContain("filename*=UTF-8''Gr%C3%BC%C3%9Fe.pdf");
    await eventually("the delivery in the log", async () => {
      const { body } = await tenant.manage("GET", `/v1/events/${message.id}/explain`);
      const [webhook] = (body as { webhooks: { status: string | null }[] }).webhooks;
      return webhook?.status === "delivered";
    });
  });

  it("that a disabled webhook missed is recovered to the bytes that the others got", async () => {
    await tenant.createWebhook({ url: receiver.url("/other"), events: ["inbound"] });
    const { id } = await tenant.createWebhook({ url: receiver.url("/missed"), events: ["inbound"] });
    expect((await tenant.manage("POST", `/v1/webhooks/${id}/disable`)).status).toBe(200);
    const since = new Date(Date.now() - 60_000).toISOString();
    await eventually("a message that is skipped", async () => {
      await send("Missed");
      const skipped = await tenant.deliveries(`webhook_id=${id}&status=skipped`);
      return skipped.length > 0;
    });
    await stored("Missed");
    expect((await tenant.manage("POST", `/v1/webhooks/${id}/enable`)).status).toBe(200);
    expect((await tenant.manage("POST", `/v1/webhooks/${id}/recover`, { since })).status).toBe(202);
    const missed = await eventually("the missed message", () => receiver.at("/missed")[0], 60_000);
    expect(JSON.parse(missed.body.toString())).toMatchObject({ Subject: "Missed", To: address.address });
    const bodies = receiver.at("/other").map(({ body }) => body.toString());
    expect(bodies).toContain(missed.body.toString());
    expect(missed.headers).toMatchObject({ "x-buzzmark-event": "inbound", "x-buzzmark-inbound-hash": address.hash });
  });

  it("by HTTP is a use of the API key it came with", async () => {
    const { body } = await tenant.manage("POST", "/v1/api-keys", { name: "mta", scopes: ["publish"] });
    const { id, key } = body as { id: string; key: string };
    const url = `${stack.ready.ingest_url}/v1/inbound/${address.hash}`;
    const headers = { authorization: `Bearer ${key}`, "content-type": "message/rfc822" };
    const answer = () => fetch(url, { method: "POST", headers, body: "Subject: Piped\r\n\r\nHi" });
    await eventually("ingest to know the key", async () => (await answer()).status === 202);
    await stored("Piped", "");
    await eventually("the use of the key", async () => {
      return (await tenant.manage("GET", `/v1/api-keys/${id}`)).body.last_used_at !== null;
    });
  });

  it("is refused once its address is deleted", async () => {
    expect((await tenant.manage("DELETE", `/v1/inbound-addresses/${address.hash}`)).status).toBe(204);
    const [host, port] = stack.ready.smtp_address.split(":");
    const transport = createTransport({ host: String(host), port: Number(port), ignoreTLS: true });
    const mail = { from: "jo@world.com", to: address.address, subject: "Late", text: "Hi" };
    await eventually(
      "the refusal",
      () =>
        transport.sendMail(mail).then(
          () => false,
          ({ responseCode }: { responseCode?: number }) => responseCode === 550,
        ),
      5_000,
    );
    transport.close();
  });
});
