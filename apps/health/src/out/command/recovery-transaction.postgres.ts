import { z } from "zod";
import type {
  RecoveryPosition,
  RecoveryProgress,
  RecoveryTransaction,
  SelectedPage,
} from "../../command/recover/ports";
import type { RecoverableStatus, Recovery, RecoverySelection } from "../../command/recover/recovery";
import { DELIVERY_COLUMNS } from "../observe/log-reader.postgres";
import { PostgresCommandTransaction, readKept } from "./command-transaction.postgres";
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
const placesSchema = z.array(z.object({ delivery_id: z.string(), accepted_at: milliseconds, bytes: z.number() }));
type Place = z.output<typeof placesSchema>[number];

const countSchema = z.tuple([z.object({ count: z.number() })]);

/** One status at a time, as a constant: each has an index in which nothing else stands. */
const selected = (status: RecoverableStatus) => `webhook_id = $1 AND status = '${status}' AND NOT test
  AND accepted_at >= to_timestamp($2::float8 / 1000.0) AND accepted_at < to_timestamp($3::float8 / 1000.0)`;

/** What reading a body would take: its own bytes, or those of the message it is rendered from. Neither is read for it. */
const WITH_SIZES = `SELECT delivery_id, accepted_at, coalesce(octet_length(delivery_bodies.body), (
    SELECT octet_length(message) FROM inbound_messages
    WHERE locked.event_type = 'inbound' AND inbound_messages.event_id = locked.event_id
      AND inbound_messages.accepted_at = locked.accepted_at
  ), 0) AS bytes
  FROM locked LEFT JOIN delivery_bodies USING (delivery_id, accepted_at)`;

/** Recoveries in one PostgreSQL transaction. */
export class PostgresRecoveryTransaction extends PostgresCommandTransaction implements RecoveryTransaction {
  async countSelected({ webhook_id, since, until, statuses }: RecoverySelection, most: number): Promise<number> {
    let count = 0;
    for (const status of statuses) {
      count += await this.count(`deliveries WHERE ${selected(status)} LIMIT $4`, [
        webhook_id,
        since,
        until,
        most - count,
      ]);
    }
    return count;
  }

  async lockSelected(
    { webhook_id, since, until, statuses }: RecoverySelection,
    page: { readonly after: RecoveryPosition | null; readonly limit: number; readonly maxBytes: number },
  ): Promise<SelectedPage> {
    const { after, limit, maxBytes } = page;
    const found: Place[] = [];
    for (const status of statuses) {
      const rows: unknown = await this.manager.query(
        `WITH locked AS (
           SELECT delivery_id, accepted_at, event_id, event_type FROM deliveries WHERE ${selected(status)}
             AND ($5::text IS NULL OR (accepted_at, delivery_id) > (to_timestamp($2::float8 / 1000.0), $5))
           ORDER BY accepted_at, delivery_id LIMIT $4 FOR UPDATE
         ) ${WITH_SIZES}`,
        // Where the page begins, so that the index is entered there.
        [webhook_id, after?.accepted_at ?? since, until, limit, after?.delivery_id ?? null],
      );
      found.push(...placesSchema.parse(rows));
    }
    const places = found.sort(byAcceptance).slice(0, limit);
    const fitting = places.slice(0, howManyFit(places, maxBytes));
    const deliveries = await readKept(
      this.manager,
      `SELECT ${DELIVERY_COLUMNS} FROM deliveries WHERE (delivery_id, accepted_at) IN (
         SELECT id, to_timestamp(ms / 1000.0) FROM unnest($1::text[], $2::float8[]) AS place (id, ms)
       )`,
      [fitting.map(({ delivery_id }) => delivery_id), fitting.map(({ accepted_at }) => accepted_at)],
    );
    return { deliveries, hasMore: places.length === limit || fitting.length < places.length };
  }

  async countWaiting(webhookId: string, at: number, most: number): Promise<number> {
    const waiting = "deliveries WHERE webhook_id = $1 AND status = 'pending' AND NOT test";
    const due = `${waiting} AND next_attempt_at <= to_timestamp($2::float8 / 1000.0) LIMIT $3`;
    const first = await this.count(due, [webhookId, at, most]);
    return first + (await this.count(`${waiting} AND next_attempt_at IS NULL LIMIT $2`, [webhookId, most - first]));
  }

  async wasDisabledSince(webhookId: string, time: number): Promise<boolean> {
    const rows: unknown = await this.manager.query(
      `SELECT FROM webhook_history WHERE webhook_id = $1 AND action = 'disabled'
         AND at > to_timestamp($2::float8 / 1000.0) LIMIT 1`,
      [webhookId, time],
    );
    return z.array(z.unknown()).parse(rows).length > 0;
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

  private async count(from: string, values: unknown[]): Promise<number> {
    const rows: unknown = await this.manager.query(
      `SELECT count(*)::integer AS count FROM (SELECT FROM ${from}) AS found`,
      values,
    );
    return countSchema.parse(rows)[0].count;
  }
}

/** At least one. */
function howManyFit(places: readonly Place[], maxBytes: number): number {
  let bytes = 0;
  for (const [index, place] of places.entries()) {
    bytes += place.bytes;
    if (index > 0 && bytes > maxBytes) return index;
  }
  return places.length;
}

function byAcceptance(a: Place, b: Place): number {
  return a.accepted_at - b.accepted_at || (a.delivery_id < b.delivery_id ? -1 : 1);
}
