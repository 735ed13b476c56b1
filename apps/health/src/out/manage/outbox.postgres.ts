import { type Database, oldestInOutbox, removeFromOutbox } from "@waggle/postgres";
import { Outbox, type WaitingRecord } from "../../manage/ports";
import { RELAY_BATCH } from "../../manage/relay/in-batches";

export class PostgresOutbox extends Outbox {
  constructor(private readonly database: Database) {
    super();
  }

  oldest(): Promise<readonly WaitingRecord[]> {
    return this.database.read((manager) => oldestInOutbox(manager, RELAY_BATCH));
  }

  remove(records: readonly WaitingRecord[]): Promise<void> {
    const versions = records.map(({ version }) => version);
    return this.database.transaction((manager) => removeFromOutbox(manager, versions));
  }
}
