import { WaggleError } from "@waggle/domain";
import type { Database } from "@waggle/postgres";
import type { EntityManager } from "typeorm";
import { z } from "zod";
import { AlreadyAnswered, KeptAnswers, type Once, type RequestName } from "../../manage/idempotency/once";

const keptSchema = z.array(z.object({ sealed: z.string() }));
const lockedSchema = z.tuple([z.object({ locked: z.boolean() })]);
const countSchema = z.tuple([z.object({ count: z.number() })]);

/** Answers that go in one statement: however many a day left behind, each takes little of what a statement may. */
const FORGOTTEN_AT_ONCE = 5_000;

/** Those that are being replaced, or moved to another key, are left for the next time. */
const FORGET = `WITH gone AS (
    DELETE FROM kept_answers WHERE (tenant_id, key) IN (
      SELECT tenant_id, key FROM kept_answers WHERE kept_at < $1
      ORDER BY kept_at LIMIT ${FORGOTTEN_AT_ONCE} FOR UPDATE SKIP LOCKED
    ) RETURNING 1
  ) SELECT count(*)::integer AS count FROM gone`;

export class PostgresKeptAnswers extends KeptAnswers {
  constructor(private readonly database: Database) {
    super();
  }

  find(name: RequestName, since: number): Promise<string | null> {
    return this.database.read((manager) => findAnswer(manager, name, since));
  }

  async forgetSome(before: number): Promise<number> {
    const rows: unknown = await this.database.transaction((manager) => manager.query(FORGET, [new Date(before)]));
    return countSchema.parse(rows)[0].count;
  }
}

/**
 * Does `work` in a transaction, once if that is asked for: the name is locked first and the answer kept last. A result
 * of null did nothing and is not kept.
 * @throws AlreadyAnswered when another transaction did it
 * @throws WaggleError `idempotency_in_progress` while another one is at it
 */
export async function doOnce<Result>(
  manager: EntityManager,
  once: Once<NonNullable<Result>> | undefined,
  work: () => Promise<Result>,
): Promise<Result> {
  if (!once) return work();
  const { name, at, since, seal } = once;
  await lockName(manager, name);
  const sealed = await findAnswer(manager, name, since);
  if (sealed !== null) throw new AlreadyAnswered(sealed);
  const result = await work();
  if (result === null || result === undefined) return result;
  await manager.query(
    `INSERT INTO kept_answers (tenant_id, key, sealed, kept_at) VALUES ($1, $2, $3, $4)
     ON CONFLICT (tenant_id, key) DO UPDATE SET sealed = excluded.sealed, kept_at = excluded.kept_at`,
    [name.tenant_id, name.key, seal(result), new Date(at)],
  );
  return result;
}

/** The lock goes with the transaction, however that ends: nothing has to be cleaned up after a crash. */
async function lockName(manager: EntityManager, { tenant_id, key }: RequestName): Promise<void> {
  const rows: unknown = await manager.query("SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0)) AS locked", [
    `kept_answers/${tenant_id}/${key}`,
  ]);
  if (lockedSchema.parse(rows)[0].locked) return;
  throw new WaggleError("idempotency_in_progress", "a request with this key is being worked on: ask again shortly", {
    retryAfterS: 1,
  });
}

async function findAnswer(manager: EntityManager, { tenant_id, key }: RequestName, since: number) {
  const rows: unknown = await manager.query(
    "SELECT sealed FROM kept_answers WHERE tenant_id = $1 AND key = $2 AND kept_at >= $3",
    [tenant_id, key, new Date(since)],
  );
  return keptSchema.parse(rows)[0]?.sealed ?? null;
}
