import { createHmac } from "node:crypto";
import { Webhook as StandardWebhook } from "standardwebhooks";
import { signatureHeaders, signingKey } from "./signature";

const body = Buffer.from('{"subject":"Ünïcode ✓"}');
const now = 1_800_000_000_000;
const timestampS = Math.floor(Date.now() / 1_000);
const toSign = (dialect: "hiveku" | "buzzmark" | "standard") => ({ dialect, deliveryId: "dlv_1", timestampS, body });
const secret = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
const hex = (key: string) => createHmac("sha256", key).update(body).digest("hex");

describe("signature headers", () => {
  it("satisfy the Standard Webhooks library over the exact bytes", () => {
    const headers = signatureHeaders([signingKey(secret, null)], toSign("standard"), now);
    const signed = {
      "webhook-id": "dlv_1",
      "webhook-timestamp": String(timestampS),
      "webhook-signature": String(headers["webhook-signature"]),
    };
    expect(new StandardWebhook(secret).verify(body.toString("utf8"), signed)).toBeTruthy();
    expect(Object.keys(headers)).toEqual(["webhook-signature"]);
  });

  it.each(["hiveku", "buzzmark"] as const)("of %s add the brand's, keyed with the whole secret string", (dialect) => {
    const name = { hiveku: "X-Hiveku-Signature", buzzmark: "X-Buzzmark-Signature" }[dialect];
    const headers = signatureHeaders([signingKey(secret, null)], toSign(dialect), now);
    expect(headers[name]).toBe(hex(secret));
    expect(headers[`${name}-Previous`]).toBeUndefined();
  });

  it("hold both secrets of a rotation: the brand's header the new one, -Previous the old one", () => {
    const keys = [signingKey("the-new-secret-16", null), signingKey("the-old-secret-16", now + 1)];
    const headers = signatureHeaders(keys, toSign("hiveku"), now);
    expect(String(headers["webhook-signature"]).split(" ")).toHaveLength(2);
    expect(headers["X-Hiveku-Signature"]).toBe(hex("the-new-secret-16"));
    expect(headers["X-Hiveku-Signature-Previous"]).toBe(hex("the-old-secret-16"));
  });

  it("forget the old secret when the overlap ends", () => {
    const keys = [signingKey("the-new-secret-16", null), signingKey("the-old-secret-16", now)];
    const headers = signatureHeaders(keys, toSign("buzzmark"), now);
    expect(String(headers["webhook-signature"]).split(" ")).toHaveLength(1);
    expect(headers["X-Buzzmark-Signature-Previous"]).toBeUndefined();
  });
});
