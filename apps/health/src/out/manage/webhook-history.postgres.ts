import { ACTORS, HISTORY_ACTIONS } from "@waggle/contracts";
import { bulkInsert } from "@waggle/postgres";
import type { EntityManager } from "typeorm";
import { z } from "zod";
import type { PageRequest } from "../../manage/page";
import type { HistoryEntry } from "../../manage/webhooks/history-entry";
import { inStatements } from "./in-statements";

const rowsSchema = z.array(
  z.object({
    id: z.string(),
    webhook_id: z.string(),
    at: z.date().transform((at) => at.getTime()),
    action: z.enum(HISTORY_ACTIONS),
    actor: z.enum(ACTORS),
    key_id: z.string().nullable(),
    details: z.record(z.string(), z.unknown()),
  }),
);

const history = bulkInsert<HistoryEntry>("webhook_history", [
  { name: "id", kind: "text", of: ({ id }) => id },
  { name: "webhook_id", kind: "text", of: ({ webhook_id }) => webhook_id },
  { name: "at", kind: "time", of: ({ at }) => at },
  { name: "action", kind: "text", of: ({ action }) => action },
  { name: "actor", kind: "text", of: ({ actor }) => actor },
  { name: "key_id", kind: "text", of: ({ key_id }) => key_id },
  { name: "details", kind: "json", of: ({ details }) => JSON.stringify(details) },
]);

/** In the transaction of what they tell of. */
export async function putHistory(manager: EntityManager, entries: readonly HistoryEntry[]): Promise<void> {
  for (const some of inStatements(entries)) await manager.query(history.sql, history.values(some));
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
