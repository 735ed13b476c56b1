import type { WireRecord } from "@waggle/contracts";
import type { EntityManager } from "typeorm";
import { z } from "zod";

/** A record that a change wants on Kafka, under the number it was given. */
export interface OutboxRecord extends WireRecord {
  readonly version: number;
}

/** How much of the outbox is handed out at once. */
export interface OutboxBatch {
  readonly records: number;
  /** Bytes of values; the first record is handed out whatever its size. */
  readonly bytes: number;
}

/** The notification that follows every commit which filled the outbox. */
export const OUTBOX_CHANNEL = "outbox";

const versionsSchema = z.array(z.object({ version: z.coerce.number() }));

/**
 * The next `count` versions, rising. Sequences know no transactions: whoever changes a thing that others may change
 * too locks its row first, or a lower version could be committed after a higher one.
 */
export async function nextVersions(manager: EntityManager, count: number): Promise<number[]> {
  const rows: unknown = await manager.query(
    "SELECT nextval('directory_version') AS version FROM generate_series(1, $1::int)",
    [count],
  );
  return versionsSchema.parse(rows).map(({ version }) => version);
}

/** Adds records to what the relay publishes once the transaction is committed. Call inside a transaction. */
export async function appendToOutbox(manager: EntityManager, records: readonly OutboxRecord[]): Promise<void> {
  if (records.length === 0) return;
  await manager.query(
    `INSERT INTO outbox (version, topic, key, value, headers, partition)
     SELECT * FROM unnest($1::bigint[], $2::text[], $3::bytea[], $4::bytea[], $5::json[], $6::integer[])`,
    [
      records.map(({ version }) => version),
      records.map(({ topic }) => topic),
      records.map(({ key }) => bytes(key)),
      records.map(({ value }) => bytes(value)),
      records.map(({ headers }) => JSON.stringify(textHeaders(headers ?? {}))),
      records.map(({ partition }) => partition ?? null),
    ],
  );
}

const recordsSchema = z.array(
  z.object({
    version: z.coerce.number(),
    topic: z.string(),
    key: z.instanceof(Buffer).nullable(),
    value: z.instanceof(Buffer).nullable(),
    headers: z.record(z.string(), z.string()),
    partition: z.number().int().nullable(),
  }),
);

/**
 * The lowest versions that are committed and not yet removed. Rows are never skipped by position: a transaction that
 * commits late appears below versions that were published long ago.
 */
export async function oldestInOutbox(manager: EntityManager, batch: OutboxBatch): Promise<OutboxRecord[]> {
  const rows: unknown = await manager.query(
    `SELECT version, topic, key, value, headers, partition FROM (
       SELECT *, sum(coalesce(octet_length(value), 0)) OVER (ORDER BY version) AS bytes,
         row_number() OVER (ORDER BY version) AS place
       FROM (SELECT * FROM outbox ORDER BY version LIMIT $1) AS oldest
     ) AS measured
     WHERE bytes <= $2 OR place = 1
     ORDER BY version`,
    [batch.records, batch.bytes],
  );
  return recordsSchema.parse(rows).map(({ partition, ...record }) => ({
    ...record,
    ...(partition === null ? {} : { partition }),
  }));
}

/** Removes what Kafka has acknowledged. */
export async function removeFromOutbox(manager: EntityManager, versions: readonly number[]): Promise<void> {
  await manager.query("DELETE FROM outbox WHERE version = ANY($1::bigint[])", [versions]);
}

/** When the record that waits longest was committed, in milliseconds since the epoch; null: nothing waits. */
export async function outboxWaitingSince(manager: EntityManager): Promise<number | null> {
  const rows: unknown = await manager.query("SELECT min(created_at) AS since FROM outbox");
  const [row] = z.array(z.object({ since: z.date().nullable() })).parse(rows);
  return row?.since?.getTime() ?? null;
}

/**
 * Makes every later version higher than `version` (a restored database would repeat numbers Kafka has seen). Waits
 * for transactions that drew one, and holds others off: a bare `setval` could step back behind them.
 */
export async function raiseVersionsAbove(manager: EntityManager, version: number): Promise<void> {
  // Any ALTER SEQUENCE locks out nextval until the transaction ends; this one changes nothing else.
  await manager.query("ALTER SEQUENCE directory_version NO CYCLE");
  await manager.query(
    "SELECT setval('directory_version', $1::bigint) FROM directory_version WHERE last_value < $1::bigint",
    [version],
  );
}

function bytes(content: string | Buffer | null): Buffer | null {
  return content === null ? null : Buffer.from(content);
}

/** All our headers are UTF-8 text. */
function textHeaders(headers: NonNullable<WireRecord["headers"]>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.toString()]));
}
