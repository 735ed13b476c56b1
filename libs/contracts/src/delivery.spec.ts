import { DIALECTS, EVENT_TYPES, TIERS } from "@waggle/domain";
import fc from "fast-check";
import { type DeliveryRecord, decodeDelivery, encodeDelivery, PARK_REASONS } from "./delivery";
import type { ReceivedRecord, WireRecord } from "./wire-record";

const delivery: DeliveryRecord = {
  delivery_id: "dlv_1",
  event_id: "evt_1",
  webhook_id: "wh_1",
  tenant_id: "ten_1",
  event_type: "bounce",
  email_id: "msg_1",
  recipient: "customer@example.com",
  tags: ["order-shipped"],
  dialect: "hiveku",
  accepted_at: 1_776_429_296_000,
  publisher_id: false,
  test: false,
  round: 1,
  attempt: 1,
  park: 0,
  park_reason: null,
  park_position: null,
  due_at: 1_776_429_296_000,
  first_due_at: 1_776_429_296_000,
  min_webhook_version: 7,
  inbound_hash: null,
  traceparent: null,
  body: Buffer.from('{"id":"evt_1"}'),
};

/** A record as Kafka hands it over: bytes everywhere. */
function received(record: WireRecord): Pick<ReceivedRecord, "key" | "value" | "headers"> {
  const bytes = (value: string | Buffer) => (typeof value === "string" ? Buffer.from(value) : value);
  return {
    key: record.key === null ? null : bytes(record.key),
    value: record.value === null ? null : bytes(record.value),
    headers: Object.fromEntries(Object.entries(record.headers ?? {}).map(([name, value]) => [name, bytes(value)])),
  };
}

function withHeader(name: string, value: string | null) {
  const record = received(encodeDelivery(delivery));
  const others = Object.entries(record.headers).filter(([other]) => other !== name);
  return { ...record, headers: Object.fromEntries(value === null ? others : [...others, [name, Buffer.from(value)]]) };
}

// Half a surrogate pair has no UTF-8: headers hold a replacement character for it.
const text = fc.string({ unit: "binary" });
const id = fc.string({ minLength: 1, maxLength: 64, unit: fc.constantFrom(..."aZ09_-") });
const count = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const deliveries: fc.Arbitrary<DeliveryRecord> = fc.record({
  delivery_id: id,
  event_id: id,
  webhook_id: id,
  tenant_id: id,
  event_type: fc.constantFrom(...EVENT_TYPES),
  email_id: text,
  recipient: text,
  tags: fc.array(text),
  dialect: fc.constantFrom(...DIALECTS),
  accepted_at: count,
  publisher_id: fc.boolean(),
  test: fc.boolean(),
  round: fc.integer({ min: 1 }),
  attempt: fc.integer({ min: 1 }),
  park: fc.nat(),
  park_reason: fc.constantFrom(null, ...PARK_REASONS),
  park_position: fc.constantFrom(null, "p1-1:7"),
  due_at: count,
  first_due_at: count,
  min_webhook_version: count,
  inbound_hash: fc.option(id, { nil: null }),
  traceparent: fc.option(id, { nil: null }),
  body: fc.uint8Array().map((bytes) => Buffer.from(bytes)),
});

describe("delivery records", () => {
  it("come back as they went, on the main topic and on a tier", () => {
    const target = fc.oneof(
      fc.constant("main" as const),
      fc.record({ tier: fc.constantFrom(...TIERS), partition: fc.nat({ max: 11 }) }),
    );
    fc.assert(
      fc.property(deliveries, target, (sent, to) => {
        expect(decodeDelivery(received(encodeDelivery(sent, to)))).toEqual(sent);
      }),
    );
  });

  it("are keyed by webhook and carry the very bytes of the POST", () => {
    const record = encodeDelivery(delivery);
    expect(record).toMatchObject({ topic: "webhook.deliveries", key: "wh_1" });
    expect(record.value).toBe(delivery.body);
    expect(record).not.toHaveProperty("partition");
  });

  it("keep their partition on a tier, so that one dispatcher knows all of a webhook", () => {
    expect(encodeDelivery(delivery, { tier: "2m", partition: 11 })).toMatchObject({
      topic: "webhook.deliveries.retry.2m",
      partition: 11,
    });
  });

  it.each(["key", "value"] as const)("without a %s are undecodable", (part) => {
    const record = { ...received(encodeDelivery(delivery)), [part]: null };
    expect(() => decodeDelivery(record)).toThrow(expect.objectContaining({ code: "undecodable", field: part }));
  });

  it.each([
    ["delivery-id", null],
    ["event-id", ""],
    ["tenant-id", null],
    ["event-type", "opened"],
    ["event-type", "constructor"],
    ["dialect", null],
    ["round", "0"],
    ["attempt", "0"],
    ["attempt", "-1"],
    ["park", " "],
    ["due-at", "1e3"],
    ["due-at", "0x10"],
    ["due-at", "1.5"],
    ["accepted-at", "9007199254740993"],
    ["first-due-at", null],
    ["min-webhook-version", "seven"],
    ["park-reason", "tired"],
    ["tags", "marketing"],
    ["tags", '["a",1]'],
    ["tags", '{"length":0}'],
  ])("with the header %s: %j are undecodable, and the error names it", (name, value) => {
    expect(() => decodeDelivery(withHeader(name, value))).toThrow(
      expect.objectContaining({ code: "undecodable", field: `header ${name}` }),
    );
  });
});
