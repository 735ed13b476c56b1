import type { DecodeError } from "./decode-error";
import { DEAD_LETTERS } from "./topics";
import type { ReceivedRecord, WireRecord } from "./wire-record";

/** A record nobody could decode or process: its original key, bytes and headers, and where it came from. */
export function encodeDeadLetter(record: ReceivedRecord, error: DecodeError): WireRecord {
  return {
    topic: DEAD_LETTERS,
    key: record.key,
    value: record.value,
    headers: {
      ...record.headers,
      "source-topic": record.topic,
      "source-partition": String(record.partition),
      "source-offset": String(record.offset),
      code: error.code,
      field: error.field,
    },
  };
}
