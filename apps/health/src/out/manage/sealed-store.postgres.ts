import { isDeepStrictEqual } from "node:util";
import { WEBHOOK_DIRECTORY } from "@waggle/contracts";
import type { Database } from "@waggle/postgres";
import { answerAad, tenantAad, webhookAad } from "@waggle/secrets";
import type { EntityManager } from "typeorm";
import { z } from "zod";
import {
  type MovedBatch,
  type SealedCount,
  type SealedKind,
  SealedStore,
  type SealedValue,
} from "../../manage/secrets/ports";
import { PostgresChanges } from "./management-changes.postgres";

/** Owners in one transaction: few enough that whoever wants to change one of them hardly waits. */
const BATCH = 200;

interface From {
  readonly kid: string;
  readonly after: string;
}
type Move = (value: SealedValue) => string;
type MoveBatch = (manager: EntityManager, from: From, move: Move) => Promise<MovedBatch>;

/**
 * Values read `v1.<kid>.…`. A page is of rows, to be moved or not: so every statement looks at few, however many there
 * are and however few are left.
 */
const TENANT_PAGE = `
  WITH page AS (SELECT id FROM tenants WHERE id > $1 ORDER BY id LIMIT $3)
  SELECT id, EXISTS (
    SELECT FROM secrets WHERE tenant_id = page.id AND webhook_id IS NULL AND split_part(sealed, '.', 2) <> $2
  ) AS wanted
  FROM page ORDER BY id`;

const WEBHOOK_PAGE = `
  WITH page AS (SELECT id, headers FROM webhooks WHERE id > $1 ORDER BY id LIMIT $3)
  SELECT id, EXISTS (
    SELECT FROM secrets WHERE webhook_id = page.id AND split_part(sealed, '.', 2) <> $2
  ) OR EXISTS (
    SELECT FROM jsonb_array_elements(headers) AS header WHERE split_part(header ->> 'sealed', '.', 2) <> $2
  ) AS wanted
  FROM page ORDER BY id`;

/** Secrets refer to tenants: without these locks, this and a change of a tenant could wait for each other. */
const LOCK_TENANTS = `SELECT FROM tenants WHERE id IN (SELECT tenant_id FROM webhooks WHERE id = ANY($1))
  ORDER BY id FOR SHARE`;

const ANSWER_PAGE = `SELECT tenant_id, key, sealed FROM kept_answers WHERE (tenant_id, key) > ($1, $2)
  ORDER BY tenant_id, key LIMIT $3 FOR UPDATE`;

const COUNTS = `
  SELECT 'secrets' AS what, split_part(sealed, '.', 2) AS kid, count(*) AS count FROM secrets GROUP BY kid
  UNION ALL
  SELECT 'headers', split_part(header ->> 'sealed', '.', 2) AS kid, count(*)
  FROM webhooks, jsonb_array_elements(headers) AS header GROUP BY kid
  UNION ALL
  SELECT 'answers', split_part(sealed, '.', 2) AS kid, count(*) FROM kept_answers GROUP BY kid
  UNION ALL
  SELECT 'outbox', found[1] AS kid, count(*)
  FROM outbox, regexp_matches(convert_from(value, 'UTF8'), '"sealed":"v1\\.([A-Za-z0-9_-]+)\\.', 'g') AS found
  WHERE topic = $1 GROUP BY kid
  ORDER BY what, kid`;

const pageSchema = z.array(z.object({ id: z.string(), wanted: z.boolean() }));
const answersSchema = z.array(z.object({ tenant_id: z.string(), key: z.string(), sealed: z.string() }));
const countsSchema = z.array(
  z.object({
    what: z.enum(["secrets", "headers", "answers", "outbox"]),
    kid: z.string(),
    count: z.coerce.number(),
  }),
);

export class PostgresSealedStore extends SealedStore {
  constructor(private readonly database: Database) {
    super();
  }

  moveBatch(kind: SealedKind, from: From, move: Move): Promise<MovedBatch> {
    return this.database.transaction((manager) => MOVE_BATCH[kind](manager, from, move));
  }

  async counts(): Promise<SealedCount[]> {
    return countsSchema.parse(await this.database.read((manager) => manager.query(COUNTS, [WEBHOOK_DIRECTORY])));
  }
}

const moveTenants: MoveBatch = async (manager, { kid, after }, move) => {
  const page = pageSchema.parse(await manager.query(TENANT_PAGE, [after, kid, BATCH]));
  const changes = new PostgresChanges(manager);
  const tenants = await changes.lockTenants(wantedOf(page));
  const moved = tenants.flatMap((tenant) => {
    const secrets = movedValues(tenant.secrets, { aad: tenantAad(tenant.id), owner: tenant.id }, move);
    return isDeepStrictEqual(secrets, tenant.secrets) ? [] : [{ ...tenant, secrets }];
  });
  await changes.putTenants(moved);
  return { moved: moved.length, next: nextOf(page) };
};

const moveWebhooks: MoveBatch = async (manager, { kid, after }, move) => {
  const page = pageSchema.parse(await manager.query(WEBHOOK_PAGE, [after, kid, BATCH]));
  const wanted = wantedOf(page);
  await manager.query(LOCK_TENANTS, [wanted]);
  const changes = new PostgresChanges(manager);
  const webhooks = await changes.lockWebhooks(wanted);
  const moved = webhooks.flatMap((webhook) => {
    const belonging = { aad: webhookAad(webhook.tenant_id, webhook.id), owner: webhook.id };
    const secrets = movedValues(webhook.secrets, belonging, move);
    const headers = movedValues(webhook.headers, belonging, move);
    const isSame = isDeepStrictEqual({ secrets, headers }, { secrets: webhook.secrets, headers: webhook.headers });
    return isSame ? [] : [{ ...webhook, secrets, headers }];
  });
  await changes.putWebhooks(moved);
  return { moved: moved.length, next: nextOf(page) };
};

/** Told apart by `<tenant id>/<idempotency key>`: a tenant's id has no slash. */
const moveAnswers: MoveBatch = async (manager, { after }, move) => {
  const [tenant = "", ...rest] = after.split("/");
  const page = answersSchema.parse(await manager.query(ANSWER_PAGE, [tenant, rest.join("/"), BATCH]));
  const name = (answer: (typeof page)[number]) => `${answer.tenant_id}/${answer.key}`;
  const moved = page.flatMap((answer) => {
    const sealed = move({
      sealed: answer.sealed,
      aad: answerAad(answer.tenant_id, answer.key),
      owner: name(answer),
    });
    return sealed === answer.sealed ? [] : [{ ...answer, sealed }];
  });
  await manager.query(
    `UPDATE kept_answers SET sealed = given.sealed
     FROM unnest($1::text[], $2::text[], $3::text[]) AS given (tenant_id, key, sealed)
     WHERE kept_answers.tenant_id = given.tenant_id AND kept_answers.key = given.key`,
    [moved.map(({ tenant_id }) => tenant_id), moved.map(({ key }) => key), moved.map(({ sealed }) => sealed)],
  );
  const last = page.at(-1);
  return { moved: moved.length, next: page.length < BATCH || !last ? null : name(last) };
};

const MOVE_BATCH: Readonly<Record<SealedKind, MoveBatch>> = {
  tenants: moveTenants,
  webhooks: moveWebhooks,
  answers: moveAnswers,
};

function movedValues<Value extends { readonly sealed: string }>(
  values: readonly Value[],
  belonging: Omit<SealedValue, "sealed">,
  move: Move,
): Value[] {
  return values.map((value) => ({ ...value, sealed: move({ sealed: value.sealed, ...belonging }) }));
}

function wantedOf(page: z.output<typeof pageSchema>): string[] {
  return page.filter(({ wanted }) => wanted).map(({ id }) => id);
}

function nextOf(page: z.output<typeof pageSchema>): string | null {
  return page.length < BATCH ? null : (page.at(-1)?.id ?? null);
}
