import { OUTBOUND_EVENT_TYPES, type OutboundEventType } from "@waggle/domain";
import { PUBLISH_LIMITS, publishedDataSchema, publishedEventSchema, publishedType } from "./publish-request";

const required: Readonly<Record<OutboundEventType, object>> = {
  delivery: {},
  bounce: { bounce_type: "soft" },
  complaint: {},
  open: {},
  click: { url: "https://example.com/" },
};

function dataErrors(type: OutboundEventType | null, data: object): string[] {
  const parsed = publishedDataSchema(type).safeParse(data);
  return (parsed.error?.issues ?? []).map(({ path, message }) => `${path.join("/")} ${message}`);
}

function withData(type: OutboundEventType, more: object): string[] {
  return dataErrors(type, { email_id: "msg_1", to: "a@example.com", ...required[type], ...more });
}

function envelopeErrors(event: object): string[] {
  const parsed = publishedEventSchema.safeParse({ type: "open", data: {}, ...event });
  return (parsed.error?.issues ?? []).map(({ path, message }) => `${path.join("/")} ${message}`);
}

describe("a published event's envelope", () => {
  it.each(["a", "evt_01HPQRS", "A-z_09", "x".repeat(64)])("takes %s as an id", (id) => {
    expect(envelopeErrors({ id })).toEqual([]);
  });

  it.each(["", "a b", "a.b", "ä", "x".repeat(65), "a\n", 7, null])("refuses %j as an id", (id) => {
    expect(envelopeErrors({ id })).toHaveLength(1);
  });

  it.each(["2026-04-17T12:34:56Z", "2026-04-17T12:34:56.123456789+05:30", "2026-04-17T12:34:56-0800"])(
    "takes %s as created_at",
    (created_at) => expect(envelopeErrors({ created_at })).toEqual([]),
  );

  it.each(["2026-04-17T12:34:56", "2026-02-30T12:34:56Z", "yesterday", "", 1_776_429_296_000, null])(
    "refuses %j as created_at",
    (created_at) => expect(envelopeErrors({ created_at })).toHaveLength(1),
  );

  it("brings created_at to UTC and adds no fraction", () => {
    const parsed = publishedEventSchema.parse({ type: "open", created_at: "2026-04-17T12:34:56+02:00", data: {} });
    expect(parsed.created_at).toBe("2026-04-17T10:34:56Z");
  });

  it("names every unknown field", () => {
    const parsed = publishedEventSchema.safeParse({ type: "open", data: {}, tenant_id: "ten_1", accepted_at: 1 });
    expect(parsed.error?.issues).toMatchObject([{ code: "unrecognized_keys", keys: ["tenant_id", "accepted_at"] }]);
  });

  it("requires type and data", () => {
    expect(publishedEventSchema.safeParse({}).error?.issues).toMatchObject([
      { path: ["type"], message: "is required" },
      { path: ["data"], message: "is required" },
    ]);
  });

  it.each([[[]], [null], ["text"], [1]])("refuses %j as data", (data) => {
    expect(envelopeErrors({ data })).toEqual(["data must be an object"]);
  });

  it("hands data on as the very object it was given", () => {
    const data = JSON.parse('{"email_id":"m","__proto__":{"polluted":true}}');
    expect(publishedEventSchema.parse({ type: "open", data }).data).toBe(data);
  });
});

describe("a published event's type", () => {
  it("is one of the outbound five, or the alias spam_complaint", () => {
    expect(OUTBOUND_EVENT_TYPES.map(publishedType)).toEqual([...OUTBOUND_EVENT_TYPES]);
    expect(publishedType("spam_complaint")).toBe("complaint");
  });

  it.each(["inbound", "Open", "", "toString", "__proto__", null, 1, ["open"]])("is not %j", (name) => {
    expect(publishedType(name)).toBeNull();
  });
});

describe("a published event's data", () => {
  it.each(OUTBOUND_EVENT_TYPES)("of a %s needs no more than what is required", (type) => {
    expect(withData(type, {})).toEqual([]);
  });

  it("of an unknown type is held to what every type needs", () => {
    expect(dataErrors(null, { to: 3 })).toEqual(["email_id is required", "to must be a string"]);
  });

  it.each([
    ["email_id", ""],
    ["email_id", 1],
    ["to", ""],
    ["to", null],
    ["to", "a\0@example.com"],
    ["email_id", "msg_\ud800"],
    ["from", null],
    ["subject", 1],
    ["tags", "one"],
    ["tags", null],
    ["metadata", []],
    ["metadata", null],
    ["metadata", "{}"],
  ])("is refused when %s is %j", (field, value) => {
    const errors = withData("delivery", { [field]: value });
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatch(new RegExp(`^${field} `));
  });

  it.each([
    ["bounce", { bounce_type: undefined }],
    ["bounce", { bounce_type: "Hard" }],
    ["bounce", { bounce_subtype: 1 }],
    ["bounce", { diagnostic_code: 550 }],
    ["complaint", { complaint_type: "spam" }],
    ["complaint", { feedback_id: 1 }],
    ["open", { ip_address: 1 }],
    ["open", { user_agent: null }],
    ["open", { timestamp: 1_776_429_296 }],
    ["click", { url: undefined }],
    ["click", { url: "" }],
    ["click", { ip_address: {} }],
  ] as const)("of a %s is refused with %j", (type, more) => {
    expect(withData(type, more)).toHaveLength(1);
  });

  it("passes a field that belongs to another type as the publisher's own", () => {
    expect(withData("open", { bounce_type: 42, complaint_type: "spam", url: null })).toEqual([]);
  });

  it("holds at most 50 tags", () => {
    const tags = (count: number) => Array.from({ length: count }, (_, index) => `tag-${index}`);
    expect(withData("open", { tags: tags(PUBLISH_LIMITS.tags) })).toEqual([]);
    expect(withData("open", { tags: tags(PUBLISH_LIMITS.tags + 1) })).toEqual(["tags must have at most 50 entries"]);
  });

  it("holds tags of at most 128 characters, and names each wrong one", () => {
    expect(withData("open", { tags: ["", "x".repeat(128)] })).toEqual([]);
    expect(withData("open", { tags: ["ok", "x".repeat(129), 3] })).toEqual([
      "tags/1 must have at most 128 characters",
      "tags/2 must be a string",
    ]);
  });

  it("holds at most 16 KiB of metadata, counted as UTF-8", () => {
    const frame = Buffer.byteLength('{"key":""}');
    const metadata = (text: string, bytes: number) => ({
      metadata: { key: text.repeat((bytes - frame) / Buffer.byteLength(text)) },
    });
    expect(withData("open", metadata("x", 16_384))).toEqual([]);
    expect(withData("open", metadata("x", 16_385))).toEqual(["metadata must have at most 16384 bytes"]);
    expect(withData("open", metadata("é", 16_384))).toEqual([]);
    expect(withData("open", metadata("é", 16_386))).toEqual(["metadata must have at most 16384 bytes"]);
  });
});
