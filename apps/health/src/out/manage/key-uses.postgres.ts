import type { Database } from "@waggle/postgres";
import { type KeyUse, KeyUseStore } from "../../manage/api-keys/ports";
import { inStatements } from "./in-statements";

/** Keys are locked in the order in which everybody locks them, so that nobody waits for each other. */
const RECORD = `
  WITH used AS (
    SELECT id, to_timestamp(at / 1000.0) AS at FROM unnest($1::text[], $2::float8[]) AS used (id, at)
  ), locked AS (
    SELECT id FROM api_keys WHERE id = ANY ($1::text[]) ORDER BY id FOR NO KEY UPDATE
  )
  UPDATE api_keys SET last_used_at = greatest(api_keys.last_used_at, used.at)
  FROM used JOIN locked USING (id) WHERE api_keys.id = used.id`;

export class PostgresKeyUses extends KeyUseStore {
  constructor(private readonly database: Database) {
    super();
  }

  async recordUses(uses: readonly KeyUse[]): Promise<void> {
    for (const some of inStatements(uses)) {
      const ids = some.map(({ key_id }) => key_id);
      const times = some.map(({ last_used_at }) => last_used_at);
      await this.database.transaction((manager) => manager.query(RECORD, [ids, times]));
    }
  }
}
