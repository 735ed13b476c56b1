import fc from "fast-check";
import { publishingKey, withPublishingKey } from "./email-event";
import { decodeInboundMail, encodeInboundMail, INBOUND_DOORS, type InboundMail } from "./inbound";
import type { ReceivedRecord } from "./wire-record";

const mail: InboundMail = {
  id: "evt_1",
  tenant_id: "ten_1",
  hash: "4f2a",
  accepted_at: 1_776_429_296_000,
  sender: "someone@example.com",
  bounce: false,
  recipient: "4f2a@in.localhost",
  door: "smtp",
  raw: Buffer.from("Subject: Hello\r\n\r\nHello"),
};

function received(sent: InboundMail): Pick<ReceivedRecord, "key" | "value" | "headers"> {
  const record = encodeInboundMail(sent);
  const headers = Object.entries(record.headers ?? {}).map(([name, value]) => [name, Buffer.from(value)]);
  return { key: Buffer.from(record.key ?? ""), value: sent.raw, headers: Object.fromEntries(headers) };
}

describe("accepted mail", () => {
  it("goes to email.inbound as it came, keyed by its address", () => {
    expect(encodeInboundMail(mail)).toMatchObject({ topic: "email.inbound", key: "4f2a", value: mail.raw });
  });

  it("comes back as it went, whatever its bytes and its envelope are", () => {
    const text = fc.string({ minLength: 1 });
    const mails: fc.Arbitrary<InboundMail> = fc.record({
      id: text,
      tenant_id: text,
      hash: text,
      accepted_at: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
      sender: fc.option(text),
      bounce: fc.boolean(),
      recipient: text,
      door: fc.constantFrom(...INBOUND_DOORS),
      raw: fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    });
    fc.assert(fc.property(mails, (sent) => expect(decodeInboundMail(received(sent))).toEqual(sent)));
  });

  it("may name the API key it came with, and is the same otherwise", () => {
    const record = withPublishingKey(encodeInboundMail(mail), "key_1");
    const headers = Object.entries(record.headers ?? {}).map(([name, value]) => [name, Buffer.from(value)]);
    const came = { ...received(mail), headers: Object.fromEntries(headers) };
    expect(publishingKey(came)).toBe("key_1");
    expect(publishingKey(received(mail))).toBeNull();
    expect(decodeInboundMail(came)).toEqual(mail);
  });

  it("may be empty: what it holds is the parser's business", () => {
    const empty = { ...mail, raw: Buffer.alloc(0) };
    expect(decodeInboundMail(received(empty))).toEqual(empty);
  });

  it.each([
    ["key", { key: null }],
    ["key", { key: Buffer.alloc(0) }],
    ["value", { value: null }],
  ])("without a %s is undecodable", (field, missing) => {
    const record = { ...received(mail), ...missing };
    expect(() => decodeInboundMail(record)).toThrow(expect.objectContaining({ code: "undecodable", field }));
  });

  it.each([
    ["event-id", ""],
    ["tenant-id", ""],
    ["accepted-at", "yesterday"],
    ["recipient", ""],
    ["door", "pigeon"],
  ])("with a wrong header %s is undecodable, and the error names it", (name, value) => {
    const record = received(mail);
    const wrong = { ...record, headers: { ...record.headers, [name]: Buffer.from(value) } };
    expect(() => decodeInboundMail(wrong)).toThrow(
      expect.objectContaining({ code: "undecodable", field: `header ${name}` }),
    );
  });
});
