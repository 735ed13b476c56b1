import type { EntityManager } from "typeorm";
import { z } from "zod";
import type { PageRequest } from "../manage/page";
import type { HistoryEntry } from "../manage/webhooks/history-entry";

const rowsSchema = z.array(
  z.object({
    id: z.string(),
    webhook_id: z.string(),
    at: z.date().transform((at) => at.getTime()),
    action: z.enum(["created", "changed", "warned", "disabled", "enabled", "recovered"]),
    actor: z.enum(["operator", "api_key", "waggle"]),
    key_id: z.string().nullable(),
    details: z.record(z.string(), z.unknown()),
  }),
);

/** In the transaction of what it tells of. */
export async function putHistory(manager: EntityManager, entry: HistoryEntry): Promise<void> {
  const { id, webhook_id, at, action, actor, key_id, details } = entry;
  await manager.query(
    `INSERT INTO webhook_history (id, webhook_id, at, action, actor, key_id, details)
     VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [id, webhook_id, new Date(at), action, actor, key_id, JSON.stringify(details)],
  );
}

/** The entries of one webhook, newest first. */
export async function historyOf(
  manager: EntityManager,
  { webhook_id, before, limit }: PageRequest & { readonly webhook_id: string },
): Promise<HistoryEntry[]> {
  const rows: unknown = await manager.query(
    `SELECT id, webhook_id, at, action, actor, key_id, details FROM webhook_history
     WHERE webhook_id = $1 AND ($2::text IS NULL OR id < $2) ORDER BY id DESC LIMIT $3`,
    [webhook_id, before, limit],
  );
  return rowsSchema.parse(rows);
}
