import type { ReceivedRecord, WireRecord } from "@waggle/contracts";

/** A record as Kafka would hand it over: bytes everywhere, at a place in a partition. */
export function received(record: WireRecord, at: { partition?: number; offset?: number } = {}): ReceivedRecord {
  return {
    topic: record.topic,
    partition: at.partition ?? record.partition ?? 0,
    offset: at.offset ?? 0,
    key: bytes(record.key),
    value: bytes(record.value),
    headers: Object.fromEntries(
      Object.entries(record.headers ?? {}).map(([name, value]) => [name, Buffer.from(value)]),
    ),
  };
}

function bytes(value: string | Buffer | null): Buffer | null {
  return value === null ? null : Buffer.from(value);
}
