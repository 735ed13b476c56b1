import { DIALECTS, WEBHOOK_STATUSES } from "@waggle/domain";
import type { EntityManager } from "typeorm";
import { z } from "zod";
import type { FailedAttempt } from "../../judge/failed-attempt";
import type { WebhookOnTrial } from "../../judge/ports";

/** Webhooks read at a time. */
const PAGE = 1_000;

/** Failed attempts that people are shown. */
const SHOWN_FAILURES = 5;

/** $1: webhook ids. */
const ON_TRIAL = `
  SELECT webhooks.id AS webhook_id, webhooks.tenant_id, url, webhooks.dialect, disable_after_s, status,
    webhooks.version::float8 AS version, alert_email, last_success_at, first_failure_at, last_failure_at,
    coalesce(failures, 0) AS failures, webhook_warnings.failing_since AS warned_since, after_s AS warned_after_s,
    EXISTS (SELECT FROM incidents WHERE closed_at IS NULL) AS frozen
  FROM webhooks JOIN tenants ON tenants.id = webhooks.tenant_id
    LEFT JOIN webhook_states ON webhook_states.webhook_id = webhooks.id
    LEFT JOIN webhook_warnings ON webhook_warnings.webhook_id = webhooks.id
  WHERE webhooks.id = ANY ($1)`;

const FAILING = `${ON_TRIAL} AND status = 'enabled'
  AND (first_failure_at IS NOT NULL OR webhook_warnings.failing_since IS NOT NULL)
  ORDER BY webhooks.id`;

/** $1: the id to go on after. */
const NEXT_FAILING = `
  SELECT webhook_id FROM (
    SELECT webhook_id FROM webhook_states WHERE first_failure_at IS NOT NULL
    UNION SELECT webhook_id FROM webhook_warnings
  ) AS failing WHERE webhook_id > $1
    AND EXISTS (SELECT FROM webhooks WHERE webhooks.id = webhook_id AND status = 'enabled')
  ORDER BY webhook_id LIMIT ${PAGE}`;

const time = z
  .date()
  .nullable()
  .transform((date) => date?.getTime() ?? null);
const idsSchema = z.array(z.object({ webhook_id: z.string() }));
const failuresSchema = z.array(
  z.object({
    at: z.date().transform((date) => date.getTime()),
    status_code: z.number().nullable(),
    error: z.string(),
  }),
);
const rowsSchema = z.array(
  z
    .object({
      webhook_id: z.string(),
      tenant_id: z.string(),
      url: z.string(),
      dialect: z.enum(DIALECTS),
      disable_after_s: z.number().nullable(),
      status: z.enum(WEBHOOK_STATUSES),
      version: z.number(),
      alert_email: z.string().nullable(),
      last_success_at: time,
      first_failure_at: time,
      last_failure_at: time,
      failures: z.number(),
      warned_since: time,
      warned_after_s: z.number().nullable(),
      frozen: z.boolean(),
    })
    .transform(({ first_failure_at, last_failure_at, warned_since, warned_after_s, ...row }): WebhookOnTrial => {
      const streak = first_failure_at !== null &&
        last_failure_at !== null && { failing_since: first_failure_at, last_failure_at };
      const warned = warned_since !== null &&
        warned_after_s !== null && { failing_since: warned_since, after_s: warned_after_s };
      return { ...row, streak: streak || null, warned: warned || null };
    }),
);

/** The webhook as it is judged. It must be locked. */
export async function onTrial(manager: EntityManager, id: string): Promise<WebhookOnTrial | null> {
  const [row] = rowsSchema.parse(await manager.query(ON_TRIAL, [[id]]));
  return row ?? null;
}

export async function failingAmong(manager: EntityManager, ids: readonly string[]): Promise<WebhookOnTrial[]> {
  return rowsSchema.parse(await manager.query(FAILING, [ids]));
}

/** The next webhooks that fail or were warned about, by id; empty: there are no more. */
export async function failingPage(manager: EntityManager, after: string): Promise<WebhookOnTrial[]> {
  const ids = idsSchema.parse(await manager.query(NEXT_FAILING, [after]));
  return ids.length === 0
    ? []
    : failingAmong(
        manager,
        ids.map(({ webhook_id }) => webhook_id),
      );
}

/** The last failed attempts that count: since its last success and since it was last enabled. Newest first. */
export async function lastFailures(manager: EntityManager, webhookId: string): Promise<FailedAttempt[]> {
  const rows: unknown = await manager.query(
    `SELECT at, status_code, error FROM attempts
     WHERE webhook_id = $1 AND error IS NOT NULL AND NOT test AND recorded_at > coalesce(
       (SELECT greatest(last_success_at, counts_from) FROM webhook_states WHERE webhook_states.webhook_id = $1), '-infinity')
     ORDER BY at DESC, try_id DESC LIMIT ${SHOWN_FAILURES}`,
    [webhookId],
  );
  return failuresSchema.parse(rows);
}
