import type { EntityManager } from "typeorm";
import { z } from "zod";

/** That rounds of a delivery below `min_round` are superseded by a re-queue. */
export interface SupersededRounds {
  readonly delivery_id: string;
  readonly min_round: number;
}

const roundsSchema = z.array(z.object({ delivery_id: z.string(), min_round: z.number() }));

/**
 * Remembers what the directory is told of, since `at` (milliseconds since the epoch), and locks it until the
 * transaction ends: draw the version of the directory record only afterwards.
 */
export async function rememberSuperseded(
  manager: EntityManager,
  rounds: readonly SupersededRounds[],
  at: number,
): Promise<void> {
  if (rounds.length === 0) return;
  await manager.query(
    `INSERT INTO superseded_rounds (delivery_id, min_round, superseded_at)
     SELECT delivery_id, min_round, to_timestamp($2 / 1000.0)
     FROM json_to_recordset($1::json) AS row (delivery_id text, min_round integer)
     ON CONFLICT (delivery_id) DO UPDATE
       SET min_round = excluded.min_round, superseded_at = excluded.superseded_at`,
    [JSON.stringify(rounds), at],
  );
}

/** What is remembered of these deliveries, locked until the transaction ends. */
export async function lockSuperseded(
  manager: EntityManager,
  deliveryIds: readonly string[],
): Promise<SupersededRounds[]> {
  const rows: unknown = await manager.query(
    `SELECT delivery_id, min_round FROM superseded_rounds WHERE delivery_id = ANY($1)
     ORDER BY delivery_id FOR UPDATE`,
    [deliveryIds],
  );
  return roundsSchema.parse(rows);
}

/** Of which of these deliveries something is remembered. */
export async function supersededAmong(manager: EntityManager, deliveryIds: readonly string[]): Promise<string[]> {
  const rows: unknown = await manager.query(
    "SELECT delivery_id, min_round FROM superseded_rounds WHERE delivery_id = ANY($1)",
    [deliveryIds],
  );
  return roundsSchema.parse(rows).map(({ delivery_id }) => delivery_id);
}

/** Forgets what was superseded before `before` (milliseconds since the epoch), at most `limit`; returns the deliveries. */
export async function forgetSuperseded(
  manager: EntityManager,
  { before, limit }: { readonly before: number; readonly limit: number },
): Promise<string[]> {
  const rows: unknown = await manager.query(
    `WITH due AS (
       SELECT delivery_id FROM superseded_rounds WHERE superseded_at < to_timestamp($1 / 1000.0)
       ORDER BY superseded_at LIMIT $2 FOR UPDATE SKIP LOCKED
     )
     DELETE FROM superseded_rounds USING due WHERE superseded_rounds.delivery_id = due.delivery_id
     RETURNING due.delivery_id`,
    [before, limit],
  );
  // A DELETE answers with its rows and their count.
  const [deleted] = z.tuple([z.array(z.object({ delivery_id: z.string() })), z.number()]).parse(rows);
  return deleted.map(({ delivery_id }) => delivery_id);
}
