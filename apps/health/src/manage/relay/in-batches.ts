import type { WireRecord } from "@waggle/contracts";

/** What goes to Kafka at once. The directory takes 1 MiB a batch (`libs/contracts` topics), so half of it is safe. */
export const RELAY_BATCH = { records: 500, bytes: 524_288 } as const;

/** The records in their order, cut so that each batch fits; one that fits nowhere is alone. */
export function inBatches<Item extends WireRecord>(records: readonly Item[]): Item[][] {
  const batches: Item[][] = [];
  let current: Item[] = [];
  let bytes = 0;
  for (const record of records) {
    const size = record.value?.length ?? 0;
    if (current.length > 0 && (current.length >= RELAY_BATCH.records || bytes + size > RELAY_BATCH.bytes)) {
      batches.push(current);
      current = [];
      bytes = 0;
    }
    current.push(record);
    bytes += size;
  }
  if (current.length > 0) batches.push(current);
  return batches;
}
