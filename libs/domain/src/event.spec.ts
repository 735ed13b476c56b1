import { COMMON_DATA_FIELDS, type EmailEvent, type OutboundEventType, otherData, TYPE_DATA_FIELDS } from "./event";

function eventOf(type: OutboundEventType, data: object): EmailEvent {
  return {
    id: "evt_1",
    publisher_id: false,
    tenant_id: "ten_1",
    type,
    created_at: "2026-04-17T12:34:56Z",
    accepted_at: 1_776_429_296_000,
    data: { email_id: "msg_1", to: "customer@example.com", tags: [], metadata: {}, ...data },
  };
}

describe("otherData", () => {
  it("leaves out what the type documents", () => {
    const documented = Object.fromEntries([...COMMON_DATA_FIELDS, ...TYPE_DATA_FIELDS.click].map((name) => [name, ""]));
    expect(otherData(eventOf("click", { ...documented, tags: [], metadata: {}, campaign: "spring" }))).toEqual({
      campaign: "spring",
    });
  });

  it("keeps a field that only another type documents", () => {
    expect(otherData(eventOf("delivery", { url: "https://example.com", bounce_type: "hard" }))).toEqual({
      url: "https://example.com",
      bounce_type: "hard",
    });
  });

  it("keeps values of every kind, null and empty ones too", () => {
    const other = { no: null, off: false, zero: 0, empty: "", list: [1, { deep: [] }] };
    expect(otherData(eventOf("open", other))).toEqual(other);
  });

  it("keeps a key called __proto__ as a key", () => {
    const data: object = JSON.parse('{"__proto__":{"admin":true},"constructor":1,"toString":2}');
    const other = otherData(eventOf("open", data));
    expect(JSON.stringify(other)).toBe('{"__proto__":{"admin":true},"constructor":1,"toString":2}');
    expect(Object.getPrototypeOf(other)).toBe(Object.prototype);
  });
});
