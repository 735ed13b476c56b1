import { createHmac } from "node:crypto";
import fc from "fast-check";
import { Webhook } from "standardwebhooks";
import { brandEventHeaders, generatedSecret, isImportableSecret, standardKey, standardSignedPrefix } from "./signing";

const BODY = '{"type":"email.open"}';

function signature(secret: string, timestampS: number): string {
  const { text, encoding } = standardKey(secret);
  const signed = standardSignedPrefix("dlv_1", timestampS) + BODY;
  return `v1,${createHmac("sha256", Buffer.from(text, encoding)).update(signed).digest("base64")}`;
}

function headersOf(secret: string): Record<string, string> {
  const timestampS = Math.floor(Date.now() / 1_000);
  return {
    "webhook-id": "dlv_1",
    "webhook-timestamp": String(timestampS),
    "webhook-signature": signature(secret, timestampS),
  };
}

describe("Standard Webhooks signatures", () => {
  it("of a generated secret are what its library verifies", () => {
    const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 });
    fc.assert(
      fc.property(bytes, (random) => {
        const secret = generatedSecret(Buffer.from(random).toString("base64"));
        expect(new Webhook(secret).verify(BODY, headersOf(secret))).toEqual({ type: "email.open" });
      }),
      { numRuns: 20 },
    );
  });

  it("of an imported secret without the prefix are keyed with its UTF-8 bytes", () => {
    const secret = "Schlüssel über Nacht";
    const receiver = new Webhook(Buffer.from(secret, "utf8"), { format: "raw" });
    expect(receiver.verify(BODY, headersOf(secret))).toEqual({ type: "email.open" });
  });
});

describe("isImportableSecret", () => {
  it.each([
    ["16 characters", "a".repeat(16)],
    ["256 characters", "a".repeat(256)],
    ["spaces and signs", "correct horse / battery-staple!"],
    ["characters outside ASCII, counted one each", "🐝".repeat(16)],
    ["a whsec_ secret", generatedSecret(Buffer.alloc(32, 7).toString("base64"))],
    ["a whsec_ secret of padded base64", `whsec_${Buffer.alloc(16, 7).toString("base64")}`],
  ])("takes %s", (_what, secret) => {
    expect(isImportableSecret(secret)).toBe(true);
  });

  it.each([
    ["15 characters", "a".repeat(15)],
    ["257 characters", "a".repeat(257)],
    ["15 characters outside ASCII", "🐝".repeat(15)],
    ["a line break", "aaaaaaaaaaaaaaaaaaaa\n"],
    ["a tab", "aaaaaaaaaa\taaaaaaaaaa"],
    ["a NUL", "aaaaaaaaaa\0aaaaaaaaaa"],
    ["a line separator", "aaaaaaaaaa\u2028aaaaaaaaaa"],
    ["a zero-width space", "aaaaaaaaaa\u200baaaaaaaaaa"],
    ["half a surrogate pair", "aaaaaaaaaa\ud800aaaaaaaaaa"],
    ["whsec_ and no base64", "whsec_not base64 at all"],
    ["whsec_ and URL-safe base64", "whsec_-_-_-_-_-_-_"],
    ["whsec_ and base64 without its padding", "whsec_YWFhYWFhYWFhYQ"],
    ["whsec_ and nothing", "whsec_"],
  ])("refuses %s", (_what, secret) => {
    expect(isImportableSecret(secret)).toBe(false);
  });

  it("takes no whsec_ secret that a receiver's library would read as other bytes", () => {
    const digits = fc.string({ unit: fc.constantFrom(..."AQgw4Zz09+/"), minLength: 10, maxLength: 24 });
    const ending = fc.constantFrom("", "=", "==", "===", "-", "_=", " ", "=A");
    fc.assert(
      fc.property(digits, ending, (text, end) => {
        const secret = `whsec_${text}${end}`;
        if (!isImportableSecret(secret)) return;
        expect(new Webhook(secret).verify(BODY, headersOf(secret))).toEqual({ type: "email.open" });
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("brandEventHeaders", () => {
  it("name the event to Buzzmark's receivers", () => {
    expect(brandEventHeaders("buzzmark", { name: "spam_complaint", inbound_hash: null })).toEqual({
      "X-Buzzmark-Event": "spam_complaint",
    });
  });

  it("name the inbound address too when there is one", () => {
    expect(brandEventHeaders("buzzmark", { name: "inbound", inbound_hash: "h4sh" })).toEqual({
      "X-Buzzmark-Event": "inbound",
      "X-Buzzmark-Inbound-Hash": "h4sh",
    });
  });

  it.each(["hiveku", "standard"] as const)("are none in the %s dialect", (dialect) => {
    expect(brandEventHeaders(dialect, { name: "open", inbound_hash: null })).toEqual({});
  });
});
