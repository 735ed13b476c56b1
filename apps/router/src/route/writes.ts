import type { WireRecord } from "@waggle/contracts";

/** Records that are written together, and roughly the bytes they take. */
export interface Write {
  readonly records: readonly WireRecord[];
  readonly bytes: number;
}

/** What one write may hold: the records of a write that fall on one partition are one batch to the broker. */
export const WRITE_LIMITS = { records: 1_000, bytes: 4 * 1_048_576 } as const;

const HEADERS_BYTES = 768;

/**
 * The outputs of one event as writes within the limits, in their order. An event of 256 KiB for a thousand webhooks is
 * a quarter of a gigabyte, which no broker takes at once. A record larger than the limit is a write of its own.
 */
export function writesOf(outputs: readonly WireRecord[], limits: { records: number; bytes: number }): Write[] {
  const writes: Write[] = [];
  let records: WireRecord[] = [];
  let bytes = 0;
  for (const output of outputs) {
    const size = HEADERS_BYTES + (output.value?.length ?? 0);
    if (records.length > 0 && (records.length >= limits.records || bytes + size > limits.bytes)) {
      writes.push({ records, bytes });
      records = [];
      bytes = 0;
    }
    records.push(output);
    bytes += size;
  }
  if (records.length > 0) writes.push({ records, bytes });
  return writes;
}
