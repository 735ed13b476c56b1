import { isDeepStrictEqual } from "node:util";
import { WEBHOOK_DIRECTORY } from "@waggle/contracts";
import type { Database } from "@waggle/postgres";
import type { EntityManager } from "typeorm";
import { z } from "zod";
import {
  type OwnerKind,
  type OwnersPage,
  type SealedCount,
  SealedStore,
  type SealedValues,
  type SecretOwner,
} from "../manage/secrets/ports";
import { PostgresChanges } from "./management-changes.postgres";

/** Owners handled in one transaction: few enough that whoever wants to change one of them hardly waits. */
const BATCH = 200;

const idsSchema = z.array(z.object({ id: z.string() }));
const pageSchema = z.array(z.object({ id: z.string(), wanted: z.boolean() }));
const countsSchema = z.array(
  z.object({ what: z.enum(["secrets", "headers", "outbox"]), kid: z.string(), count: z.coerce.number() }),
);

const WITH_EXPIRED: Readonly<Record<OwnerKind, string>> = {
  tenant: `SELECT DISTINCT tenant_id AS id FROM secrets WHERE expires_at <= $1 AND webhook_id IS NULL LIMIT $2`,
  webhook: `SELECT DISTINCT webhook_id AS id FROM secrets WHERE expires_at <= $1 AND webhook_id IS NOT NULL LIMIT $2`,
};

/** What is sealed reads `v1.<kid>.…`. A page is of owners, wanted or not: so every statement looks at few rows. */
const WITH_OTHER_KEYS: Readonly<Record<OwnerKind, string>> = {
  tenant: `WITH page AS (SELECT id FROM tenants WHERE id > $1 ORDER BY id LIMIT $3)
    SELECT id, EXISTS (
      SELECT FROM secrets
      WHERE tenant_id = page.id AND webhook_id IS NULL AND split_part(sealed, '.', 2) <> $2
    ) AS wanted FROM page ORDER BY id`,
  webhook: `WITH page AS (SELECT id, headers FROM webhooks WHERE id > $1 ORDER BY id LIMIT $3)
    SELECT id, EXISTS (
      SELECT FROM secrets WHERE webhook_id = page.id AND split_part(sealed, '.', 2) <> $2
    ) OR EXISTS (
      SELECT FROM jsonb_array_elements(headers) AS header WHERE split_part(header ->> 'sealed', '.', 2) <> $2
    ) AS wanted FROM page ORDER BY id`,
};

const COUNTS = `
  SELECT 'secrets' AS what, split_part(sealed, '.', 2) AS kid, count(*) AS count FROM secrets GROUP BY kid
  UNION ALL
  SELECT 'headers', split_part(header ->> 'sealed', '.', 2) AS kid, count(*)
  FROM webhooks, jsonb_array_elements(headers) AS header GROUP BY kid
  UNION ALL
  SELECT 'outbox', found[1] AS kid, count(*)
  FROM outbox, regexp_matches(convert_from(value, 'UTF8'), '"sealed":"v1\\.([A-Za-z0-9_-]+)\\.', 'g') AS found
  WHERE topic = $1 GROUP BY kid
  ORDER BY what, kid`;

export class PostgresSealedStore extends SealedStore {
  constructor(private readonly database: Database) {
    super();
  }

  async withExpired(kind: OwnerKind, before: number): Promise<string[]> {
    const values = [new Date(before), BATCH];
    const rows: unknown = await this.database.read((manager) => manager.query(WITH_EXPIRED[kind], values));
    return idsSchema.parse(rows).map(({ id }) => id);
  }

  async withOtherKeys(kind: OwnerKind, kid: string, after: string): Promise<OwnersPage> {
    const values = [after, kid, BATCH];
    const rows: unknown = await this.database.read((manager) => manager.query(WITH_OTHER_KEYS[kind], values));
    const page = pageSchema.parse(rows);
    return {
      ids: page.filter(({ wanted }) => wanted).map(({ id }) => id),
      next: page.length < BATCH ? null : (page.at(-1)?.id ?? null),
    };
  }

  rewrite(kind: OwnerKind, ids: readonly string[], rewrite: (owner: SecretOwner) => SealedValues): Promise<number> {
    return this.database.transaction((manager) => REWRITE[kind](manager, ids, rewrite));
  }

  async counts(): Promise<SealedCount[]> {
    return countsSchema.parse(await this.database.read((manager) => manager.query(COUNTS, [WEBHOOK_DIRECTORY])));
  }
}

type RewriteSome = (
  manager: EntityManager,
  ids: readonly string[],
  rewrite: (owner: SecretOwner) => SealedValues,
) => Promise<number>;

const rewriteTenants: RewriteSome = async (manager, ids, rewrite) => {
  const changes = new PostgresChanges(manager);
  const tenants = await changes.lockTenants(ids);
  const rewritten = tenants.flatMap((tenant) => {
    const { secrets } = rewrite({ tenant_id: tenant.id, webhook_id: null, secrets: tenant.secrets, headers: [] });
    return isDeepStrictEqual(secrets, tenant.secrets) ? [] : [{ ...tenant, secrets }];
  });
  await changes.putTenants(rewritten);
  return rewritten.length;
};

const rewriteWebhooks: RewriteSome = async (manager, ids, rewrite) => {
  const changes = new PostgresChanges(manager);
  // Secrets refer to tenants: without their locks, this and a change of a tenant could wait for each other.
  await manager.query(
    `SELECT FROM tenants WHERE id IN (SELECT tenant_id FROM webhooks WHERE id = ANY($1)) ORDER BY id FOR SHARE`,
    [ids],
  );
  const webhooks = await changes.lockWebhooks(ids);
  const rewritten = webhooks.flatMap((webhook) => {
    const { tenant_id, id: webhook_id, secrets, headers } = webhook;
    const values = rewrite({ tenant_id, webhook_id, secrets, headers });
    return isDeepStrictEqual(values, { secrets, headers }) ? [] : [{ ...webhook, ...values }];
  });
  await changes.putWebhooks(rewritten);
  return rewritten.length;
};

const REWRITE: Readonly<Record<OwnerKind, RewriteSome>> = { tenant: rewriteTenants, webhook: rewriteWebhooks };
