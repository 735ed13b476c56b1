import { INCIDENT_ENDS } from "@waggle/contracts";
import type { Database } from "@waggle/postgres";
import type { EntityManager } from "typeorm";
import { z } from "zod";
import { type Incident, type IncidentEnd, type IncidentEnding, IncidentStore } from "../../judge/incidents/ports";
import type { AuditEntry } from "../../manage/audit/audit-entry";
import { putAudit } from "../manage/audit-log.postgres";
import { forgiveFailures } from "./failing-since.postgres";

const time = z.date().transform((date) => date.getTime());

const incidentsSchema = z.array(
  z.object({
    id: z.string(),
    opened_at: time,
    began_at: time,
    closed_at: time.nullable(),
    closed_by: z.enum(INCIDENT_ENDS).nullable(),
    webhooks: z.number(),
    recovered: z.number(),
  }),
);
const startsSchema = z.array(z.object({ first_failure_at: time }));
const countSchema = z.tuple([z.object({ webhooks: z.number() })]);
const idsSchema = z.array(z.object({ id: z.string() }));
const webhooksSchema = z.array(z.object({ id: z.string(), tenant_id: z.string() }));

/** The webhooks of an incident, and whether they have succeeded since they came to be in it. */
const MEMBERS = `incident_webhooks AS member LEFT JOIN webhook_states AS state USING (webhook_id)`;
const RECOVERED = "coalesce(state.last_success_at > member.failing_since, false)";

/**
 * Enabled webhooks that fail and began to. One that an incident left behind – closed by an operator or by time, and not
 * a 2xx since – does not begin anew with its next failure: it would open the same incident for ever.
 */
const BEGINNERS = `webhook_states AS state JOIN webhooks ON webhooks.id = state.webhook_id AND status = 'enabled'
  AND NOT EXISTS (
    SELECT FROM incident_webhooks AS member JOIN incidents ON incidents.id = member.incident_id
    WHERE member.webhook_id = state.webhook_id AND closed_by <> 'recovered' AND NOT ${RECOVERED}
  )`;

/**
 * $1: when the incident began. $2: its id. Rows of webhooks are locked in the order in which others lock them. A member
 * that succeeded and fails again has not recovered.
 */
const JOIN = `INSERT INTO incident_webhooks AS member (incident_id, webhook_id, failing_since)
  SELECT $2, state.webhook_id, first_failure_at FROM ${BEGINNERS}
  WHERE first_failure_at >= $1 ORDER BY state.webhook_id
  ON CONFLICT (incident_id, webhook_id) DO UPDATE SET failing_since = excluded.failing_since
    WHERE member.failing_since < excluded.failing_since`;

/** How many webhooks an incident has and how many have recovered; those that were disabled are out of it. $1: its id. */
const COUNTED = `SELECT count(*)::integer AS webhooks, (count(*) FILTER (WHERE ${RECOVERED}))::integer AS recovered
  FROM ${MEMBERS} JOIN webhooks ON webhooks.id = member.webhook_id
  WHERE member.incident_id = $1 AND status = 'enabled'`;

export class PostgresIncidents extends IncidentStore {
  constructor(private readonly database: Database) {
    super();
  }

  async latest(): Promise<Incident | null> {
    const rows: unknown = await this.database.read((manager) =>
      manager.query(
        `SELECT id, opened_at, began_at, closed_at, closed_by,
           coalesce(last.webhooks, counted.webhooks) AS webhooks, coalesce(last.recovered, counted.recovered) AS recovered
         FROM (SELECT * FROM incidents ORDER BY id DESC LIMIT 1) AS last,
           LATERAL (${COUNTED.replace("$1", "last.id")}) AS counted`,
      ),
    );
    return incidentsSchema.parse(rows)[0] ?? null;
  }

  async failureStarts(since: number): Promise<readonly number[]> {
    const rows: unknown = await this.database.read((manager) =>
      manager.query(
        `SELECT first_failure_at FROM ${BEGINNERS} WHERE first_failure_at >= $1 ORDER BY first_failure_at`,
        [new Date(since)],
      ),
    );
    return startsSchema.parse(rows).map(({ first_failure_at }) => first_failure_at);
  }

  async activeSince(since: number): Promise<number> {
    const rows: unknown = await this.database.read((manager) =>
      manager.query("SELECT count(*)::integer AS webhooks FROM webhook_states WHERE last_attempt_at > $1", [
        new Date(since),
      ]),
    );
    return countSchema.parse(rows)[0].webhooks;
  }

  begin(
    { id, opened_at, began_at }: Pick<Incident, "id" | "opened_at" | "began_at">,
    audit: AuditEntry,
  ): Promise<boolean> {
    return this.database.transaction(async (manager) => {
      const rows: unknown = await manager.query(
        "INSERT INTO incidents (id, opened_at, began_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING id",
        [id, new Date(opened_at), new Date(began_at)],
      );
      if (idsSchema.parse(rows).length === 0) return false;
      await manager.query(JOIN, [new Date(began_at), id]);
      await putAudit(manager, audit);
      return true;
    });
  }

  async grow({ id, began_at }: Incident): Promise<void> {
    await this.database.transaction((manager) => manager.query(JOIN, [new Date(began_at), id]));
  }

  end({ id }: Incident, { closed_at: closedAt, closed_by, audit }: IncidentEnding): Promise<boolean> {
    return this.database.transaction(async (manager) => {
      if (!(await close(manager, id, closedAt, closed_by))) return false;
      const rows: unknown = await manager.query(
        `SELECT webhook_id AS id, webhooks.tenant_id FROM ${MEMBERS} JOIN webhooks ON webhooks.id = webhook_id
         WHERE member.incident_id = $1 AND NOT ${RECOVERED}`,
        [id],
      );
      await forgiveFailures(manager, webhooksSchema.parse(rows), closedAt);
      await putAudit(manager, audit);
      return true;
    });
  }
}

/** False when it is closed already: of several processes one closes it. */
async function close(manager: EntityManager, id: string, closedAt: number, by: IncidentEnd): Promise<boolean> {
  const open: unknown = await manager.query("SELECT id FROM incidents WHERE id = $1 AND closed_at IS NULL FOR UPDATE", [
    id,
  ]);
  if (idsSchema.parse(open).length === 0) return false;
  // What became of its webhooks later is no longer its own.
  await manager.query(
    `UPDATE incidents SET closed_at = $2, closed_by = $3, (webhooks, recovered) = (${COUNTED}) WHERE id = $1`,
    [id, new Date(closedAt), by],
  );
  return true;
}
