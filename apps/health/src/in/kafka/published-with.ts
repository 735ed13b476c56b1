import { publishingKey } from "@waggle/contracts";
import type { KeyUses } from "../../manage/api-keys/key-uses";
import type { LogItem } from "../../observe/log-intake";

/** Notes which API keys these records were published with, and when they were accepted. */
export function notePublishingKeys<Entry>(
  items: readonly LogItem<Entry>[],
  uses: Pick<KeyUses, "note">,
  acceptedAt: (entry: Entry) => number,
): void {
  for (const { record, entry } of items) {
    const keyId = publishingKey(record);
    if (keyId !== null) uses.note(keyId, acceptedAt(entry));
  }
}
