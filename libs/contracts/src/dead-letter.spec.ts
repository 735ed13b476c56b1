import { encodeDeadLetter } from "./dead-letter";
import { DecodeError } from "./decode-error";

describe("dead letters", () => {
  it("keep the original key, bytes and headers, and say where they came from and why they are here", () => {
    const record = {
      topic: "email.events",
      partition: 3,
      offset: 42,
      key: Buffer.from("ten_1/msg_1"),
      value: Buffer.from([0xff, 0x00]),
      headers: { traceparent: Buffer.from("00-ab-cd-01") },
    };
    const letter = encodeDeadLetter(record, new DecodeError("undecodable", "data.to"));
    expect(letter).toEqual({
      topic: "dead.letters",
      key: record.key,
      value: record.value,
      headers: {
        traceparent: record.headers.traceparent,
        "source-topic": "email.events",
        "source-partition": "3",
        "source-offset": "42",
        code: "undecodable",
        field: "data.to",
      },
    });
    expect(letter.value).toBe(record.value);
  });
});
