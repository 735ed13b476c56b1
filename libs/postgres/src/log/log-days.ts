import type { EntityManager } from "typeorm";
import { z } from "zod";
import { ADVISORY_LOCKS } from "../advisory-locks";

/** The tables that have one partition a day. */
const LOG_TABLES = ["deliveries", "delivery_bodies", "attempts", "events", "inbound_messages"] as const;

const DAY_MS = 86_400_000;

/**
 * What autovacuum does to a day. Days are dropped long before their rows would have to be frozen, so rows that were only
 * added need no vacuum; and what is typical of a day changes little, so half as many rows again may come until it is
 * looked at anew. By default both happen at every tenth and fifth, which costs as much as a sixth of storing the rows.
 */
const UPKEEP = "autovacuum_vacuum_insert_threshold = -1, autovacuum_analyze_scale_factor = 0.5";

/** Milliseconds a partition waits for the readers and writers of its table before it is left for the next time. */
const DROP_WAIT_MS = 1_000;

/**
 * Makes the partitions of days (counted from 1970-01-01, UTC) that are not there yet. Call inside a transaction.
 *
 * A partition is made beside its table and then attached: unlike `CREATE TABLE … PARTITION OF`, that waits for no
 * reader or writer and holds nobody up.
 */
export async function makeLogDays(manager: EntityManager, days: readonly number[]): Promise<void> {
  await takeTurn(manager);
  const existing = new Set((await partitions(manager)).map(({ name }) => name));
  for (const day of new Set(days)) {
    for (const table of LOG_TABLES) {
      const name = partitionName(table, day);
      if (existing.has(name)) continue;
      await manager.query(`CREATE TABLE ${name} (LIKE ${table} INCLUDING ALL) WITH (${UPKEEP})`);
      await manager.query(
        `ALTER TABLE ${table} ATTACH PARTITION ${name} FOR VALUES FROM ('${midnight(day)}') TO ('${midnight(day + 1)}')`,
      );
    }
  }
}

/** The days of which a partition lies before `day`, rising. */
export async function logDaysBefore(manager: EntityManager, day: number): Promise<number[]> {
  const days = (await partitions(manager)).map((partition) => partition.day);
  return [...new Set(days)].filter((existing) => existing < day).sort((a, b) => a - b);
}

/**
 * Drops the partitions of one day. Call inside a transaction.
 * Rejects with SQLSTATE 55P03 when they are in use for too long: whoever comes after has to wait meanwhile.
 */
export async function dropLogDay(manager: EntityManager, day: number): Promise<void> {
  await takeTurn(manager);
  await manager.query(`SET LOCAL lock_timeout = ${DROP_WAIT_MS}`);
  const names = LOG_TABLES.map((table) => partitionName(table, day));
  await manager.query(`DROP TABLE IF EXISTS ${names.join(", ")}`);
}

/** Two processes that make or drop the same partition would fail each other. */
async function takeTurn(manager: EntityManager): Promise<void> {
  await manager.query("SELECT pg_advisory_xact_lock($1)", [ADVISORY_LOCKS.logDays]);
}

async function partitions(manager: EntityManager): Promise<{ name: string; day: number }[]> {
  const rows: unknown = await manager.query(
    `SELECT child.relname AS name FROM pg_inherits
     JOIN pg_class child ON child.oid = inhrelid
     WHERE inhparent = ANY ($1::text[]::regclass[])`,
    [[...LOG_TABLES]],
  );
  const names = z.array(z.object({ name: z.string() })).parse(rows);
  return names.flatMap(({ name }) => {
    const match = /_(\d{4})(\d{2})(\d{2})$/.exec(name);
    if (!match) return [];
    const [, year, month, dayOfMonth] = match.map(Number);
    return [{ name, day: Date.UTC(year ?? 0, (month ?? 1) - 1, dayOfMonth) / DAY_MS }];
  });
}

function partitionName(table: (typeof LOG_TABLES)[number], day: number): string {
  return `${table}_${date(day).replaceAll("-", "")}`;
}

function midnight(day: number): string {
  return `${date(day)} 00:00:00+00`;
}

function date(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}
