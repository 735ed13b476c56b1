import { eventually, Receiver, RunningStack, TenantClient } from "@waggle/testing";
import { Mailbox } from "../integration/judge/mailbox";

jest.setTimeout(180_000);

/** A day takes 12 s: hiveku's last attempt comes 9.1 s after the first, just past three quarters of it. */
const TIME_SCALE = "7200";

describe("a receiver that fails for a day", () => {
  let stack: RunningStack;
  let receiver: Receiver;
  let mailbox: Mailbox;
  let tenant: TenantClient;

  beforeAll(async () => {
    [receiver, mailbox] = await Promise.all([Receiver.start(), Mailbox.open()]);
    stack = await RunningStack.start({ TIME_SCALE, SMTP_ALERT_URL: mailbox.url, ALERT_FROM: "waggle@acme.com" });
    tenant = await TenantClient.create(stack, { name: "failing", alert_email: "ops@acme.com" });
  });
  afterAll(async () => {
    await Promise.all([receiver.close(), mailbox.close()]);
    expect(await stack.stop()).toBe(0);
  });

  it("has its webhook disabled after two warnings, and is told of a recovery when another one succeeds again", async () => {
    receiver.behaviour = { status: 500 };
    const { id } = await tenant.createWebhook({ url: receiver.url("/fails"), events: ["bounce"] });
    const { id: mended } = await tenant.createWebhook({ url: receiver.url("/mended"), events: ["open"] });
    const shown = async () => (await tenant.manage("GET", `/v1/webhooks/${id}`)).body;
    const data = { email_id: "m", to: "a@b.c" };
    await tenant.publish({ id: "evt_fails", type: "bounce", data: { ...data, bounce_type: "hard" } });
    await eventually("the webhook to be disabled", async () => (await shown()).status === "disabled", 60_000);
    expect(await shown()).toMatchObject({ disabled_reason: "failing", failing_since: expect.any(String) });
    expect(receiver.requests).toHaveLength(12);
    await eventually("three mails", () => mailbox.about(String(id)).length === 3);
    expect(mailbox.about(String(id)).map((subject) => subject.includes("disabled"))).toEqual([false, false, true]);

    await tenant.publish({ id: "evt_mended", type: "open", data });
    await eventually("a warning", () => mailbox.about(String(mended)).length > 0);
    receiver.behaviour = { status: 200 };
    await eventually("a recovery", () =>
      mailbox.about(String(mended)).some((subject) => subject.includes("recovered")),
    );
    const history = (await tenant.manage("GET", `/v1/webhooks/${mended}/history`)).body;
    expect(history.items).toMatchObject([{ action: "recovered" }, { action: "warned" }, { action: "created" }]);
  });
});
