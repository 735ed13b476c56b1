import { createHash } from "node:crypto";
import { decodeAttempt, decodeDelivery, type InboundMail, type WebhookEntry } from "@waggle/contracts";
import type { Dialect } from "@waggle/domain";
import { aWebhookEntry, received } from "@waggle/testing";
import { dialectsWanted, routeInbound } from "./route-inbound";

const mail: InboundMail = {
  id: "evt_1",
  tenant_id: "ten_1",
  hash: "4f2a",
  accepted_at: Date.UTC(2026, 3, 17),
  sender: null,
  bounce: true,
  recipient: "4F2A@IN.localhost",
  door: "smtp",
  raw: Buffer.from("Subject: x\r\n\r\n"),
};

const inbound = (overrides: Partial<WebhookEntry> = {}) =>
  aWebhookEntry({ event_types: ["inbound"], created_at: 0, ...overrides });
const options = {
  sha256: (text: string) => createHash("sha256").update(text).digest("hex"),
  now: mail.accepted_at + 1,
  traceparent: null,
};
const bodies = new Map<Dialect, Buffer>([["buzzmark", Buffer.from("{}")]]);

describe("dialectsWanted", () => {
  it("names each dialect of the enabled webhooks once", () => {
    const webhooks = [
      inbound({ dialect: "buzzmark" }),
      inbound({ dialect: "buzzmark" }),
      inbound({ dialect: "hiveku", event_types: ["bounce"] }),
      inbound({ dialect: "standard", status: "disabled" }),
    ];
    expect(dialectsWanted(mail, webhooks)).toEqual(["buzzmark"]);
  });
});

describe("routeInbound", () => {
  it("makes a delivery that carries the address's hash and is about no email that was sent", () => {
    const { outputs } = routeInbound(mail, [inbound({ dialect: "buzzmark", version: 7 })], { ...options, bodies });
    expect(outputs.map((record) => decodeDelivery(received(record)))).toMatchObject([
      {
        event_id: "evt_1",
        event_type: "inbound",
        inbound_hash: "4f2a",
        email_id: "",
        recipient: "4f2a@in.localhost",
        tags: [],
        publisher_id: false,
        min_webhook_version: 7,
        body: Buffer.from("{}"),
      },
    ]);
  });

  it("skips a disabled webhook, for which nothing had to be rendered", () => {
    const route = routeInbound(mail, [inbound({ status: "disabled" })], { ...options, bodies: new Map() });
    expect(route).toMatchObject({ deliveries: 0, skips: 1 });
    expect(route.outputs.map((record) => decodeAttempt(received(record)))).toMatchObject([
      { event_type: "inbound", state: { status: "skipped", reason: "webhook_disabled" } },
    ]);
  });
});
