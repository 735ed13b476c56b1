import type { EmailEvent } from "@waggle/domain";
import fc from "fast-check";
import { DecodeError } from "./decode-error";
import { decodeEmailEvent, encodeEmailEvent, encodePublication, publishingKey } from "./email-event";

const event: EmailEvent = {
  id: "evt_1",
  publisher_id: true,
  tenant_id: "ten_1",
  type: "click",
  created_at: "2026-04-17T12:34:56Z",
  accepted_at: 1_776_429_296_000,
  data: { email_id: "msg_1", to: "customer@example.com", tags: ["welcome"], metadata: {}, url: "https://example.com" },
};

const asValue = (json: unknown) => ({ value: Buffer.from(JSON.stringify(json)) });

describe("accepted events", () => {
  it("go to email.events, keyed by tenant and email so that one email's events stay in order", () => {
    expect(encodeEmailEvent(event)).toMatchObject({ topic: "email.events", key: "ten_1/msg_1" });
  });

  it("say once a request which API key they came with, and are otherwise the same", () => {
    const records = encodePublication([event, event, event], "key_1");
    const headersOf = ({ headers = {} }: (typeof records)[number]) =>
      Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Buffer.from(value)]));
    const keys = records.map((record) => publishingKey({ headers: headersOf(record) }));
    expect(keys).toEqual(["key_1", null, null]);
    expect(records.map(({ headers: _headers, ...record }) => record)).toEqual(Array(3).fill(encodeEmailEvent(event)));
  });

  it("come back as they went, whatever the publisher's own keys and metadata hold", () => {
    const json = fc.json({ maxDepth: 3 }).map((text): unknown => JSON.parse(text));
    const ownKey = fc.string().filter((name) => name !== "from" && name !== "subject");
    const key = fc.oneof(fc.constantFrom("__proto__", "constructor", "toJSON", "7", ""), ownKey);
    const members = fc.array(fc.tuple(key, json), { maxLength: 4 });
    fc.assert(
      fc.property(members, members, fc.array(fc.string()), (other, metadata, tags) => {
        const data = Object.fromEntries([...other, ...Object.entries(event.data)]);
        const sent = { ...event, data: { ...event.data, ...data, tags, metadata: Object.fromEntries(metadata) } };
        const received = decodeEmailEvent({ value: Buffer.from(encodeEmailEvent(sent).value ?? "") });
        // As text, because equality of objects does not see a key called __proto__ or the order of keys.
        expect(JSON.stringify(received)).toBe(JSON.stringify(sent));
      }),
    );
  });

  it.each([
    ["value", null],
    ["value", Buffer.alloc(0)],
    ["value", Buffer.from("{")],
    ["value", Buffer.from("null")],
    ["value", Buffer.from("[]")],
  ])("that are no JSON object are undecodable: %s %j", (field, value) => {
    expect(() => decodeEmailEvent({ value })).toThrow(expect.objectContaining({ code: "undecodable", field }));
  });

  it.each([
    ["id", { ...event, id: "" }],
    ["publisher_id", { ...event, publisher_id: undefined }],
    ["tenant_id", { ...event, tenant_id: "" }],
    ["type", { ...event, type: "inbound" }],
    ["type", { ...event, type: "spam_complaint" }],
    ["accepted_at", { ...event, accepted_at: "2026-04-17T12:34:56Z" }],
    ["accepted_at", { ...event, accepted_at: 1.5 }],
    ["data", { ...event, data: undefined }],
    ["data.email_id", { ...event, data: { ...event.data, email_id: 7 } }],
    ["data.subject", { ...event, data: { ...event.data, subject: null } }],
    ["data.tags", { ...event, data: { ...event.data, tags: undefined } }],
    ["data.tags.1", { ...event, data: { ...event.data, tags: ["a", 1] } }],
    ["data.metadata", { ...event, data: { ...event.data, metadata: ["a"] } }],
  ])("with a wrong %s are undecodable, and the error names it", (field, json) => {
    expect(() => decodeEmailEvent(asValue(json))).toThrow(DecodeError);
    expect(() => decodeEmailEvent(asValue(json))).toThrow(expect.objectContaining({ code: "undecodable", field }));
  });
});
