import { DecodeError } from "@waggle/contracts";
import type { ConsumedRecord } from "@waggle/kafka";
import type { LogItem } from "../../observe/log-intake";
import type { DeadLetters } from "../../observe/ports";

/**
 * What records add to the log. One that adds nothing (`decode` answers null) is done; one that is none of its topic's
 * goes to the dead letters, and is done once it is there.
 */
export function logItems<Entry>(
  records: readonly ConsumedRecord[],
  decode: (record: ConsumedRecord) => Entry | null,
  deadLetters: DeadLetters,
): LogItem<Entry>[] {
  const items: LogItem<Entry>[] = [];
  for (const record of records) {
    try {
      const entry = decode(record);
      if (entry === null) record.done();
      else items.push({ record, entry });
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      // Rejects only when the producer is closed: then the process is ending, and the record stays for the next one.
      deadLetters.put(record, error).then(
        () => record.done(),
        () => undefined,
      );
    }
  }
  return items;
}
