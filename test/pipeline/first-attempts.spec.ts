import { createHmac } from "node:crypto";
import { eventually, type ReceivedRequest, Receiver, RunningStack, TenantClient } from "@waggle/testing";
import { Webhook as StandardWebhook } from "standardwebhooks";
import { Webhook as SvixWebhook } from "svix";

jest.setTimeout(180_000);

describe("a delivery's first attempt", () => {
  let stack: RunningStack;
  let receiver: Receiver;

  beforeAll(async () => {
    [stack, receiver] = await Promise.all([RunningStack.start(), Receiver.start()]);
  });
  afterAll(async () => {
    await receiver.close();
    expect(await stack.stop()).toBe(0);
  });

  const at = (path: string) => eventually(`a request to ${path}`, () => receiver.at(path)[0], 20_000);

  it.each(["hiveku", "buzzmark", "standard"])(
    "in the %s dialect satisfies the standardwebhooks and svix libraries",
    async (dialect) => {
      const tenant = await TenantClient.create(stack, { name: dialect, dialect, shared_secret: false });
      const { secret } = await tenant.createWebhook({ url: receiver.url(`/${dialect}`), events: ["*"] });
      await tenant.publish({ type: "open", data: { email_id: "msg_1", to: "a@example.com" } });
      const request = await at(`/${dialect}`);
      const text = request.body.toString("utf8");
      expect(new StandardWebhook(String(secret)).verify(text, textHeaders(request))).toEqual(JSON.parse(text));
      expect(new SvixWebhook(String(secret)).verify(text, textHeaders(request))).toEqual(JSON.parse(text));
      expect(request.headers).toMatchObject({
        "content-type": "application/json",
        "user-agent": expect.stringMatching(/^waggle\/\d+\.\d+\.\d+$/),
        "webhook-attempt": "1",
      });
      expect(request.headers["webhook-test"]).toBeUndefined();
      expect(Number(request.headers["webhook-timestamp"])).toBeCloseTo(request.at / 1_000, -2);
    },
  );

  it("is signed with an imported secret by its UTF-8 bytes", async () => {
    const secret = "an old secret of ours, kept";
    const tenant = await TenantClient.create(stack, { name: "imported" });
    const created = await tenant.createWebhook({ url: receiver.url("/imported"), events: ["delivery"], secret });
    expect(created.secret).toBe(secret);
    await tenant.publish({ type: "delivery", data: { email_id: "msg_1", to: "a@example.com" } });
    const request = await at("/imported");
    const { "webhook-id": id, "webhook-timestamp": time } = textHeaders(request);
    const standard = createHmac("sha256", secret).update(`${id}.${time}.`).update(request.body).digest("base64");
    expect(request.headers["webhook-signature"]).toBe(`v1,${standard}`);
    expect(request.headers["x-hiveku-signature"]).toBe(createHmac("sha256", secret).update(request.body).digest("hex"));
  });

  it("goes only to the webhooks whose events and tags match, and carries custom headers that the log masks", async () => {
    const tenant = await TenantClient.create(stack, { name: "filters" });
    const webhooks = [
      { url: receiver.url("/marketing"), events: ["*"], tags: ["marketing"], headers: { "X-Token": "s3cret-value" } },
      { url: receiver.url("/bounces"), events: ["bounce"] },
      { url: receiver.url("/transactional"), events: ["*"], tags: ["transactional"] },
    ];
    for (const webhook of webhooks) await tenant.createWebhook(webhook);
    await tenant.publish({
      type: "click",
      data: { email_id: "m", to: "a@b.c", url: "https://x.y", tags: ["marketing"] },
    });
    const request = await at("/marketing");
    expect(request.headers["x-token"]).toBe("s3cret-value");
    const [logged, ...others] = await eventually("the delivery in the log", async () => {
      const delivered = await tenant.deliveries("status=delivered");
      return delivered.length > 0 && delivered;
    });
    expect(others).toEqual([]);
    // The attempt and the delivery are written by two consumers; the body comes with the delivery.
    const delivery = await eventually("its body in the log", async () => {
      const { body } = await tenant.manage("GET", `/v1/deliveries/${logged?.id}`);
      return JSON.stringify(body.request).includes('"body":null') ? null : body;
    });
    expect(JSON.stringify(delivery)).not.toContain("s3cret-value");
    expect(delivery).toMatchObject({
      id: request.headers["webhook-id"],
      status: "delivered",
      attempt_count: 1,
      request: { body: request.body.toString("utf8") },
      attempts: [
        { round: 1, number: 1, status_code: 200, error: null, response_body: "ok", response_truncated: false },
      ],
    });
    expect(receiver.at("/bounces")).toEqual([]);
    expect(receiver.at("/transactional")).toEqual([]);
  });

  it("is made once when the same event is published twice", async () => {
    const tenant = await TenantClient.create(stack, { name: "twice" });
    await tenant.createWebhook({ url: receiver.url("/twice"), events: ["*"] });
    const event = (subject: string) => ({
      id: "evt_twice",
      type: "delivery",
      data: { email_id: "m", to: "a@b.c", subject },
    });
    await tenant.publish(event("first"));
    await tenant.publish(event("second"));
    await tenant.publish({ type: "delivery", data: { email_id: "m", to: "a@b.c", subject: "last" } });
    await eventually("the last event", () => receiver.at("/twice").some(({ body }) => body.includes("last")));
    expect(receiver.at("/twice").filter(({ body }) => body.includes("evt_twice"))).toHaveLength(1);
  });

  it("is a skip in the log while the webhook is disabled, and comes again once it is enabled", async () => {
    const tenant = await TenantClient.create(stack, { name: "disabled" });
    const { id } = await tenant.createWebhook({ url: receiver.url("/disabled"), events: ["*"] });
    await tenant.manage("POST", `/v1/webhooks/${id}/disable`);
    await stack.settled();
    const event = (subject: string) => ({ type: "delivery", data: { email_id: "m", to: "a@b.c", subject } });
    await tenant.publish(event("while disabled"));
    const [skip] = await eventually("the skip in the log", async () => {
      const skipped = await tenant.deliveries("status=skipped");
      return skipped.length > 0 && skipped;
    });
    expect(skip).toMatchObject({ webhook_id: id, reason: "webhook_disabled", attempt_count: 0 });
    await tenant.manage("POST", `/v1/webhooks/${id}/enable`);
    await stack.settled();
    await tenant.publish(event("once enabled"));
    const request = await at("/disabled");
    expect(request.body.toString("utf8")).toContain("once enabled");
  });
});

function textHeaders(request: ReceivedRequest): Record<string, string> {
  return Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
}
