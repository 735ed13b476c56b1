import { CIRCUIT_STATES } from "@waggle/contracts";
import { ATTEMPT_ERRORS, DIALECTS, WEBHOOK_STATUSES } from "@waggle/domain";
import type { Database } from "@waggle/postgres";
import { z } from "zod";
import { type Retention, shownSince } from "../../observe/log-days";
import {
  type AttemptPage,
  type AttemptPosition,
  type AttemptResultFilter,
  type CountedHour,
  type KnownWebhook,
  StatisticsReader,
} from "../../observe/statistics/ports";
import { readAttempts } from "./webhook-attempts.postgres";

const milliseconds = z.date().transform((date) => date.getTime());

const webhookSchema = z.object({
  webhook_id: z.string(),
  tenant_id: z.string(),
  status: z.enum(WEBHOOK_STATUSES),
  dialect: z.enum(DIALECTS),
  disable_after_s: z.number().nullable(),
  first_failure_at: milliseconds.nullable(),
  last_attempt_at: milliseconds.nullable(),
  last_status_code: z.number().nullable(),
  last_error: z.enum(ATTEMPT_ERRORS).nullable(),
  last_duration_ms: z.number().nullable(),
  circuit: z.enum(CIRCUIT_STATES).nullable(),
  circuit_at: milliseconds.nullable(),
  counts_from: milliseconds.nullable(),
});

// Sums of integers are bigint, which pg hands over as text.
const count = z.coerce.number();
const hourSchema = z.object({ at: milliseconds, delivered: count, failed: count });
const bucketSchema = z.object({ count });

/** What is folded of webhooks, as people read it. */
export class PostgresStatisticsReader extends StatisticsReader {
  constructor(
    private readonly database: Database,
    private readonly retention: Retention,
  ) {
    super();
  }

  async webhook(id: string): Promise<KnownWebhook | null> {
    const rows = await this.ask(
      `SELECT webhooks.id AS webhook_id, webhooks.tenant_id, status, dialect, disable_after_s, first_failure_at,
         last_attempt_at, last_status_code, last_error, last_duration_ms, circuit, circuit_at, counts_from
       FROM webhooks LEFT JOIN webhook_states ON webhook_states.webhook_id = webhooks.id WHERE webhooks.id = $1`,
      [id],
    );
    const [row] = z.array(webhookSchema).parse(rows);
    if (!row) return null;
    const { last_attempt_at: at, last_status_code: status_code, last_error: error, last_duration_ms, ...webhook } = row;
    const last_attempt = at === null ? null : { at, status_code, error, duration_ms: last_duration_ms ?? 0 };
    return { ...webhook, last_attempt };
  }

  async hours(webhookId: string, since: number): Promise<readonly CountedHour[]> {
    const rows = await this.ask(
      `SELECT date_bin('1 hour', minute, 'epoch') AS at, sum(delivered) AS delivered, sum(failed) AS failed
       FROM webhook_minutes WHERE webhook_id = $1 AND minute >= to_timestamp($2 / 1000.0) GROUP BY 1 ORDER BY 1`,
      [webhookId, since],
    );
    return z.array(hourSchema).parse(rows);
  }

  async total(webhookId: string, since: number) {
    const minutes = "webhook_minutes WHERE webhook_id = $1 AND minute >= to_timestamp($2 / 1000.0)";
    const [sums, buckets] = await Promise.all([
      this.ask(`SELECT coalesce(sum(delivered), 0) AS delivered, coalesce(sum(failed), 0) AS failed FROM ${minutes}`, [
        webhookId,
        since,
      ]),
      // Every bucket up to the last that holds something is in the answer, as each array begins with the first.
      this.ask(
        `SELECT sum(counted) AS count FROM (SELECT latencies FROM ${minutes}) AS chosen,
           unnest(latencies) WITH ORDINALITY AS given (counted, bucket) GROUP BY bucket ORDER BY bucket`,
        [webhookId, since],
      ),
    ]);
    const [{ delivered, failed }] = z.tuple([hourSchema.omit({ at: true })]).parse(sums);
    return {
      delivered,
      failed,
      latencies: z
        .array(bucketSchema)
        .parse(buckets)
        .map((bucket) => bucket.count),
    };
  }

  attempts(
    webhook: Pick<KnownWebhook, "webhook_id" | "tenant_id">,
    page: {
      readonly result: AttemptResultFilter | null;
      readonly after: AttemptPosition | null;
      readonly limit: number;
    },
  ): Promise<AttemptPage> {
    const shown = { ...page, shownSince: shownSince(this.retention) };
    return this.database.read((manager) => readAttempts(manager, webhook, shown));
  }

  private ask(sql: string, values: readonly unknown[]): Promise<unknown> {
    return this.database.read((manager) => manager.query(sql, [...values]));
  }
}
