import type { EntityManager } from "typeorm";
import { z } from "zod";

/** That a thing of the directory was deleted; `key` is its record's key, `deleted_at` milliseconds since the epoch. */
export interface DirectoryDeletion {
  readonly key: string;
  readonly version: number;
  readonly deleted_at: number;
}

/** Remembers deletions, replacing what was known of the same keys. */
export async function rememberDeletions(
  manager: EntityManager,
  deletions: readonly DirectoryDeletion[],
): Promise<void> {
  if (deletions.length === 0) return;
  await manager.query(
    `INSERT INTO directory_deletions (key, version, deleted_at)
     SELECT key, version, to_timestamp(deleted_at / 1000.0)
     FROM json_to_recordset($1::json) AS row (key text, version bigint, deleted_at bigint)
     ON CONFLICT (key) DO UPDATE SET version = excluded.version, deleted_at = excluded.deleted_at`,
    [JSON.stringify(deletions)],
  );
}

const deletionsSchema = z.array(
  z.object({
    key: z.string(),
    version: z.coerce.number(),
    deleted_at: z.date().transform((date) => date.getTime()),
  }),
);

/** Remembered deletions in the order of their keys, those after `after`, at most `limit`. */
export async function listDeletions(
  manager: EntityManager,
  page: { readonly after: string; readonly limit: number },
): Promise<DirectoryDeletion[]> {
  const rows: unknown = await manager.query(
    "SELECT key, version, deleted_at FROM directory_deletions WHERE key > $1 ORDER BY key LIMIT $2",
    [page.after, page.limit],
  );
  return deletionsSchema.parse(rows);
}

/** What is remembered of these keys, locked until the transaction ends. */
export async function lockDeletions(manager: EntityManager, keys: readonly string[]): Promise<DirectoryDeletion[]> {
  const rows: unknown = await manager.query(
    "SELECT key, version, deleted_at FROM directory_deletions WHERE key = ANY($1) ORDER BY key FOR UPDATE",
    [keys],
  );
  return deletionsSchema.parse(rows);
}

/** Forgets deletions older than `before` (milliseconds since the epoch), at most `limit`, and returns their keys. */
export async function forgetDeletions(
  manager: EntityManager,
  { before, limit }: { readonly before: number; readonly limit: number },
): Promise<string[]> {
  const rows: unknown = await manager.query(
    `WITH due AS (
       SELECT key FROM directory_deletions WHERE deleted_at < to_timestamp($1 / 1000.0)
       ORDER BY deleted_at LIMIT $2 FOR UPDATE SKIP LOCKED
     )
     DELETE FROM directory_deletions USING due WHERE directory_deletions.key = due.key RETURNING due.key`,
    [before, limit],
  );
  // A DELETE answers with its rows and their count.
  const [deleted] = z.tuple([z.array(z.object({ key: z.string() })), z.number()]).parse(rows);
  return deleted.map(({ key }) => key);
}
