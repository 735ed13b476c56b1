import { ACTORS, AUDIT_ACTIONS } from "@waggle/contracts";
import { ulid } from "@waggle/domain";
import type { Database } from "@waggle/postgres";
import type { EntityManager } from "typeorm";
import { z } from "zod";
import type { AuditEntry } from "../../manage/audit/audit-entry";
import { type AuditSearch, AuditStore } from "../../manage/audit/ports";

const told = z.record(z.string(), z.unknown()).nullable();
const rowsSchema = z.array(
  z.object({
    id: z.string(),
    at: z.date().transform((at) => at.getTime()),
    tenant_id: z.string().nullable(),
    actor: z.enum(ACTORS),
    key_id: z.string().nullable(),
    action: z.enum(AUDIT_ACTIONS),
    resource_id: z.string(),
    before: told,
    after: told,
  }),
);
const countSchema = z.tuple([z.object({ count: z.number() })]);

/** Entries that go in one transaction. */
const FORGOTTEN_AT_ONCE = 5_000;

/** Ids begin with the time of their entry, so times are places in their order. */
const PAGE = `SELECT id, at, tenant_id, actor, key_id, action, resource_id, before, after FROM audit_log
  WHERE ($1::text IS NULL OR tenant_id = $1)
    AND ($2::text IS NULL OR key_id = $2) AND ($3::text IS NULL OR actor = $3)
    AND ($4::text IS NULL OR action = $4) AND ($5::text IS NULL OR resource_id = $5)
    AND ($6::text IS NULL OR id >= $6) AND ($7::text IS NULL OR id < $7) AND ($8::text IS NULL OR id < $8)
  ORDER BY id DESC LIMIT $9`;

const FORGET = `WITH gone AS (
    DELETE FROM audit_log WHERE id IN (SELECT id FROM audit_log WHERE id < $1 ORDER BY id LIMIT ${FORGOTTEN_AT_ONCE})
    RETURNING id
  ) SELECT count(*)::integer AS count FROM gone`;

export class PostgresAuditStore extends AuditStore {
  constructor(private readonly database: Database) {
    super();
  }

  async entries({ tenant_id, actor, action, resource_id, since, until, before, limit }: AuditSearch) {
    const isKey = actor?.startsWith("key_") ?? false;
    const values = [
      tenant_id,
      isKey ? actor : null,
      isKey ? null : actor,
      action,
      resource_id,
      firstIdOf(since),
      firstIdOf(until),
      before,
      limit,
    ];
    return rowsSchema.parse(await this.database.read((manager) => manager.query(PAGE, values)));
  }

  async forgetBefore(before: number): Promise<number> {
    const values = [firstIdOf(before)];
    const rows: unknown = await this.database.transaction((manager) => manager.query(FORGET, values));
    return countSchema.parse(rows)[0].count;
  }
}

/** In the transaction of what it tells of. */
export async function putAudit(manager: EntityManager, entry: AuditEntry): Promise<void> {
  const { id, at, tenant_id, actor, key_id, action, resource_id, before, after } = entry;
  await manager.query(
    `INSERT INTO audit_log (id, at, tenant_id, actor, key_id, action, resource_id, before, after)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [id, new Date(at), tenant_id, actor, key_id, action, resource_id, jsonOrNull(before), jsonOrNull(after)],
  );
}

/** No entry made at a time, in milliseconds since the epoch, has a lower id. A time before the epoch is before all. */
function firstIdOf(ms: number | null): string | null {
  return ms === null ? null : `aud_${ulid(Math.max(0, ms), new Uint8Array(16))}`;
}

function jsonOrNull(shown: AuditEntry["before"]): string | null {
  return shown === null ? null : JSON.stringify(shown);
}
