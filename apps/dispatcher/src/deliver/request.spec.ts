import { createHmac } from "node:crypto";
import { DIALECTS } from "@waggle/domain";
import { aDelivery, aWebhook } from "./delivery-engine.fake";
import { buildRequest, recordedHeaders } from "./request";
import { signingKey } from "./signature";
import type { Webhook } from "./webhook";

const now = 1_800_000_000_999;
const settings = { userAgent: "waggle/1.2.3", defaultTimeoutMs: 10_000, now };
const body = Buffer.from('{"id":"evt_1","to":"größe@example.com"}');
const hex = createHmac("sha256", "a-secret-of-sixteen").update(body).digest("hex");
const base64 = createHmac("sha256", "a-secret-of-sixteen")
  .update(`dlv_1.1800000000.${body.toString("utf8")}`)
  .digest("base64");

const common = {
  "Content-Type": "application/json",
  "User-Agent": "waggle/1.2.3",
  "Accept-Encoding": "identity",
  "webhook-id": "dlv_1",
  "webhook-timestamp": "1800000000",
  "webhook-attempt": "1",
  "webhook-signature": `v1,${base64}`,
};

const request = (delivery: Parameters<typeof aDelivery>[0] = {}, webhook: Webhook = aWebhook()) =>
  buildRequest(aDelivery({ body, ...delivery }), webhook, settings);

describe("the request of an attempt", () => {
  it.each([
    ["hiveku", { "X-Hiveku-Signature": hex }],
    ["buzzmark", { "X-Buzzmark-Event": "spam_complaint", "X-Buzzmark-Signature": hex }],
    ["standard", {}],
  ] as const)("has exactly these headers for %s", (dialect, brand) => {
    expect(request({ dialect, event_type: "complaint" }).headers).toEqual({ ...common, ...brand });
  });

  it("names the inbound address to buzzmark, and only there", () => {
    for (const dialect of DIALECTS) {
      const { headers } = request({ dialect, event_type: "inbound", inbound_hash: "abc123" });
      expect(headers["X-Buzzmark-Inbound-Hash"]).toBe(dialect === "buzzmark" ? "abc123" : undefined);
    }
  });

  it("is marked when it is a test, and counts attempts", () => {
    expect(request().headers).not.toHaveProperty("webhook-test");
    expect(request({ test: true, attempt: 7 }).headers).toMatchObject({
      "webhook-test": "true",
      "webhook-attempt": "7",
    });
  });

  it("carries the very bytes that were signed, to the webhook's present URL", () => {
    const { body: sent, url } = request({}, aWebhook({ url: "https://new.acme.com/hook?a=1" }));
    expect(sent).toBe(body);
    expect(url).toBe("https://new.acme.com/hook?a=1");
  });

  it("may take the webhook's own time, or the default", () => {
    expect(request().timeoutMs).toBe(10_000);
    expect(request({}, aWebhook({ timeout_ms: 1_500 })).timeoutMs).toBe(1_500);
  });

  it("adds custom headers, but none that waggle sends itself, however it is written", () => {
    const headers = { Authorization: "Bearer x", "accept-encoding": "gzip", "WEBHOOK-ID": "forged", "x-team": "a" };
    expect(request({}, { ...aWebhook(), headers }).headers).toEqual({
      ...common,
      "X-Hiveku-Signature": hex,
      Authorization: "Bearer x",
      "x-team": "a",
    });
  });

  it("is signed with both secrets during a rotation", () => {
    const keys = [signingKey("the-newest-of-secrets", null), signingKey("a-secret-of-sixteen", now + 1)];
    const { headers } = request({}, { ...aWebhook(), keys });
    expect(headers["webhook-signature"]?.split(" ")).toHaveLength(2);
    expect(headers["X-Hiveku-Signature-Previous"]).toBe(hex);
  });
});

describe("the headers that are kept of a request", () => {
  it("have lower-case names and no values of custom headers", () => {
    const webhook = { ...aWebhook(), headers: { Authorization: "Bearer x", "Accept-Encoding": "gzip", "X-Team": "a" } };
    const recorded = recordedHeaders(request({}, webhook), webhook);
    expect(recorded).toMatchObject({ authorization: "***", "x-team": "***", "accept-encoding": "identity" });
    expect(recorded).toMatchObject({ "webhook-id": "dlv_1", "x-hiveku-signature": hex, "user-agent": "waggle/1.2.3" });
    expect(Object.keys(recorded).every((name) => name === name.toLowerCase())).toBe(true);
    expect(JSON.stringify(recorded)).not.toMatch(/Bearer|gzip/);
  });
});
