import type { EntityManager } from "typeorm";
import { z } from "zod";
import { FAILURES_RECOUNT } from "../observe/statistics-statements.postgres";

const rowsSchema = z.array(z.object({ webhook_id: z.string(), first_failure_at: z.date() }));
// An UPDATE answers with its rows and their count.
const laterSchema = z.tuple([z.array(z.object({ id: z.string(), fails_later: z.boolean() })), z.number()]);

/** Since when webhooks fail, by id, in milliseconds since the epoch; absent: they do not. */
export async function failingSince(
  manager: EntityManager,
  webhooks: readonly { readonly id: string }[],
): Promise<ReadonlyMap<string, number>> {
  if (webhooks.length === 0) return new Map();
  const rows: unknown = await manager.query(
    "SELECT webhook_id, first_failure_at FROM webhook_states WHERE webhook_id = ANY ($1) AND first_failure_at IS NOT NULL",
    [webhooks.map(({ id }) => id)],
  );
  return new Map(rowsSchema.parse(rows).map((row) => [row.webhook_id, row.first_failure_at.getTime()]));
}

/** Whether a webhook fails, has a circuit that is not closed since it was last enabled, or was warned about. */
export async function isTroubled(manager: EntityManager, webhookId: string): Promise<boolean> {
  const rows: unknown = await manager.query(
    `SELECT EXISTS (SELECT FROM webhook_warnings WHERE webhook_id = $1) OR EXISTS (
       SELECT FROM webhook_states WHERE webhook_id = $1 AND (
         first_failure_at IS NOT NULL OR circuit <> 'closed' AND circuit_at > coalesce(counts_from, '-infinity'))
     ) AS troubled`,
    [webhookId],
  );
  return z.tuple([z.object({ troubled: z.boolean() })]).parse(rows)[0].troubled;
}

/** Forgets the failures of webhooks up to a time (milliseconds since the epoch), and that they were warned about. */
export async function forgiveFailures(
  manager: EntityManager,
  webhooks: readonly { readonly id: string; readonly tenant_id: string }[],
  until: number,
): Promise<void> {
  if (webhooks.length === 0) return;
  const ids = webhooks.map(({ id }) => id);
  // In the order in which the log's transactions lock these rows.
  await manager.query(
    `INSERT INTO webhook_states AS kept (webhook_id, tenant_id, counts_from)
     SELECT id, tenant_id, $3 FROM unnest($1::text[], $2::text[]) AS given (id, tenant_id) ORDER BY id COLLATE "C"
     ON CONFLICT (webhook_id) DO UPDATE SET counts_from = greatest(kept.counts_from, excluded.counts_from)`,
    [ids, webhooks.map(({ tenant_id }) => tenant_id), new Date(until)],
  );
  // Nearly always all of them are forgiven; only what was decided later is counted from attempt rows.
  const later: unknown = await manager.query(
    `UPDATE webhook_states SET first_failure_at = NULL, failures = 0 WHERE webhook_id = ANY ($1)
     RETURNING webhook_id AS id, coalesce(last_failure_at > counts_from, false) AS fails_later`,
    [ids],
  );
  const recounted = laterSchema.parse(later)[0].flatMap(({ id, fails_later }) => (fails_later ? [id] : []));
  if (recounted.length > 0) await manager.query(FAILURES_RECOUNT, [recounted]);
  await manager.query("DELETE FROM webhook_warnings WHERE webhook_id = ANY ($1)", [ids]);
}
