import { z } from "zod";
import type { KeptDelivery } from "../command/ports";
import type { RecoveryPosition, RecoveryProgress, RecoveryTransaction } from "../command/recover/ports";
import type { Recovery, RecoverySelection } from "../command/recover/recovery";
import { PostgresCommandTransaction, readKept } from "./command-transaction.postgres";
import { DELIVERY_COLUMNS } from "./log-reader.postgres";
import { RECOVERY_COLUMNS, recoverySchema } from "./recovery-rows.postgres";

const milliseconds = z.date().transform((date) => date.getTime());

const progressSchema = z.array(
  z
    .object({ position_at: milliseconds.nullable(), position_id: z.string().nullable() })
    .loose()
    .transform(({ position_at, position_id, ...row }): RecoveryProgress => {
      const position =
        position_at === null || position_id === null ? null : { accepted_at: position_at, delivery_id: position_id };
      return { recovery: recoverySchema.parse(row), position };
    }),
);
const countSchema = z.tuple([z.object({ count: z.number() })]);

/** `$1` to `$5` of every statement about a selection. The last condition is what the index covers. */
const SELECTED = `webhook_id = $1 AND tenant_id = $2 AND status = ANY ($3::delivery_status[])
  AND accepted_at >= to_timestamp($4::float8 / 1000.0) AND accepted_at < to_timestamp($5::float8 / 1000.0)
  AND NOT test AND status IN ('exhausted', 'skipped')`;

/** Recoveries in one PostgreSQL transaction. */
export class PostgresRecoveryTransaction extends PostgresCommandTransaction implements RecoveryTransaction {
  async countSelected(selection: RecoverySelection): Promise<number> {
    const rows: unknown = await this.manager.query(
      `SELECT count(*)::integer AS count FROM deliveries WHERE ${SELECTED}`,
      selected(selection, selection.since, selection.until),
    );
    return countSchema.parse(rows)[0].count;
  }

  async lockSelected(
    selection: RecoverySelection,
    page: { readonly after: RecoveryPosition | null; readonly before: number; readonly limit: number },
  ): Promise<readonly KeptDelivery[]> {
    return readKept(
      this.manager,
      `SELECT ${DELIVERY_COLUMNS} FROM deliveries WHERE ${SELECTED}
         AND ($7::text IS NULL OR (accepted_at, delivery_id) > (to_timestamp($4::float8 / 1000.0), $7))
       ORDER BY accepted_at, delivery_id LIMIT $6 FOR UPDATE`,
      [
        // Where the page begins, so that the index is entered there.
        ...selected(selection, page.after?.accepted_at ?? selection.since, page.before),
        page.limit,
        page.after?.delivery_id ?? null,
      ],
    );
  }

  async countWaiting(webhookId: string, at: number, most: number): Promise<number> {
    const rows: unknown = await this.manager.query(
      `SELECT count(*)::integer AS count FROM (
         SELECT FROM deliveries WHERE webhook_id = $1 AND status = 'pending' AND NOT test
           AND (next_attempt_at IS NULL OR next_attempt_at <= to_timestamp($2::float8 / 1000.0))
         LIMIT $3
       ) AS waiting`,
      [webhookId, at, most],
    );
    return countSchema.parse(rows)[0].count;
  }

  async createRecovery(recovery: Recovery): Promise<void> {
    await this.manager.query(
      `INSERT INTO recoveries (id, tenant_id, webhook_id, since, until, statuses, status, reason, matched, requeued,
         unrecoverable, created_at)
       VALUES ($1, $2, $3, to_timestamp($4::float8 / 1000.0), to_timestamp($5::float8 / 1000.0), $6, $7, $8, $9, $10,
         $11, to_timestamp($12::float8 / 1000.0))`,
      [
        recovery.id,
        recovery.tenant_id,
        recovery.webhook_id,
        recovery.since,
        recovery.until,
        recovery.statuses,
        recovery.status,
        recovery.reason,
        recovery.matched,
        recovery.requeued,
        recovery.unrecoverable,
        recovery.created_at,
      ],
    );
  }

  async lockRecovery(id: string): Promise<Recovery | null> {
    const rows: unknown = await this.manager.query(
      `SELECT ${RECOVERY_COLUMNS} FROM recoveries WHERE id = $1 FOR UPDATE`,
      [id],
    );
    return z.array(recoverySchema).parse(rows)[0] ?? null;
  }

  async takeRecovery(id: string): Promise<RecoveryProgress | null> {
    const rows: unknown = await this.manager.query(
      `SELECT ${RECOVERY_COLUMNS}, position_at, position_id FROM recoveries
       WHERE id = $1 AND status = 'running' FOR UPDATE SKIP LOCKED`,
      [id],
    );
    return progressSchema.parse(rows)[0] ?? null;
  }

  async putRecovery({ recovery, position }: RecoveryProgress): Promise<void> {
    await this.manager.query(
      `UPDATE recoveries SET requeued = $2, unrecoverable = $3, position_at = to_timestamp($4::float8 / 1000.0),
         position_id = $5 WHERE id = $1`,
      [
        recovery.id,
        recovery.requeued,
        recovery.unrecoverable,
        position?.accepted_at ?? null,
        position?.delivery_id ?? null,
      ],
    );
  }

  async endRecovery({ id, status, reason, finished_at }: Recovery): Promise<void> {
    await this.manager.query(
      `UPDATE recoveries SET status = $2, reason = $3, finished_at = to_timestamp($4::float8 / 1000.0) WHERE id = $1`,
      [id, status, reason, finished_at],
    );
  }
}

function selected({ webhook_id, tenant_id, statuses }: RecoverySelection, from: number, before: number): unknown[] {
  return [webhook_id, tenant_id, statuses, from, before];
}
