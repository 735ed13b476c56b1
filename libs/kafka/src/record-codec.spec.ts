import fc from "fast-check";
import { decodeHeaders, decodeRecord, type EncodableRecord, encodeRecord } from "./record-codec";

const kafkajs: {
  encode: (record: object) => { buffer: Buffer };
  decode: (decoder: unknown, context: object) => Record<string, unknown>;
  Decoder: new (buffer: Buffer) => { readVarIntBytes(): Buffer };
} = {
  encode: require("kafkajs/src/protocol/recordBatch/record/v0"),
  decode: require("kafkajs/src/protocol/recordBatch/record/v0/decoder"),
  Decoder: require("kafkajs/src/protocol/decoder"),
};

const text = fc.string({ unit: "grapheme", maxLength: 300 });
const bytes = fc.oneof(
  text,
  fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array)),
);
const records: fc.Arbitrary<EncodableRecord> = fc.record({
  offsetDelta: fc.nat({ max: 2 ** 31 - 1 }),
  timestampDelta: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  key: fc.option(bytes, { nil: null }),
  value: fc.option(bytes, { nil: null }),
  // kafkajs mistakes a header called as something every object inherits for one that was there before.
  headers: fc.dictionary(
    text.filter((name) => !(name in {})),
    fc.oneof(bytes, fc.array(bytes, { maxLength: 3 })),
  ),
});

/** What follows the length. */
function body(encoded: Buffer): Buffer {
  return new kafkajs.Decoder(encoded).readVarIntBytes();
}

describe("the record codec", () => {
  it("writes the bytes that kafkajs writes", () => {
    fc.assert(
      fc.property(records, (record) => {
        expect(encodeRecord(record).equals(kafkajs.encode(record).buffer)).toBe(true);
      }),
    );
  });

  it("reads what kafkajs reads", () => {
    fc.assert(
      fc.property(records, (record) => {
        const encoded = body(encodeRecord(record));
        const theirs = kafkajs.decode(new kafkajs.Decoder(encoded), { firstOffset: "0", firstTimestamp: "0" });
        const { offsetDelta, timestampDelta, headersAt, ...ours } = decodeRecord(encoded);
        const headers = decodeHeaders(encoded, headersAt);
        expect({ ...ours, headers, offset: String(offsetDelta), timestamp: String(timestampDelta) }).toEqual({
          attributes: theirs.attributes,
          key: theirs.key,
          value: theirs.value,
          headers: theirs.headers,
          offset: theirs.offset,
          timestamp: theirs.timestamp,
        });
      }),
    );
  });

  it("keeps a header that is named as an object's own machinery", () => {
    const headers = Object.fromEntries([["__proto__", "a"]]);
    const encoded = body(encodeRecord({ headers }));
    const read = decodeHeaders(encoded, decodeRecord(encoded).headersAt);
    expect(Object.keys(read)).toEqual(["__proto__"]);
  });

  it("refuses bytes that end before the record does", () => {
    const whole = body(encodeRecord({ key: "k", value: "v", headers: { a: "b" } }));
    expect(() => decodeRecord(whole.subarray(0, 3))).toThrow("out of range");
    expect(() => decodeHeaders(whole.subarray(0, -1), decodeRecord(whole).headersAt)).not.toThrow();
    expect(() => decodeHeaders(whole.subarray(0, -3), decodeRecord(whole).headersAt)).toThrow("out of range");
  });
});
