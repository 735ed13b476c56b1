import { bulkInsert } from "@waggle/postgres";
import type { WebhookMinute } from "../../observe/statistics/webhook-minutes";
import type { WebhookStateChange } from "../../observe/statistics/webhook-state";

const minutes = bulkInsert<WebhookMinute>("webhook_minutes AS kept", [
  { name: "webhook_id", kind: "text", of: (row) => row.webhook_id },
  { name: "minute", kind: "time", of: (row) => row.minute },
  { name: "tenant_id", kind: "text", of: (row) => row.tenant_id },
  { name: "delivered", kind: "integer", of: (row) => row.delivered },
  { name: "failed", kind: "integer", of: (row) => row.failed },
  { name: "latencies", kind: "integers", of: (row) => `{${row.latencies.join()}}` },
]);

/** Adds counts to those that are there. */
export const MINUTE_ADD = {
  ...minutes,
  sql: `${minutes.sql}
    ON CONFLICT (webhook_id, minute) DO UPDATE SET
      delivered = kept.delivered + excluded.delivered,
      failed = kept.failed + excluded.failed,
      latencies = ARRAY(
        SELECT coalesce(a, 0) + coalesce(b, 0)
        FROM unnest(kept.latencies, excluded.latencies) WITH ORDINALITY AS pair (a, b, bucket) ORDER BY bucket
      )`,
};

const states = bulkInsert<WebhookStateChange>("webhook_states AS kept", [
  { name: "webhook_id", kind: "text", of: (row) => row.webhook_id },
  { name: "tenant_id", kind: "text", of: (row) => row.tenant_id },
  { name: "version", kind: "bigint", of: (row) => row.version },
  { name: "last_try_id", kind: "text", of: (row) => row.last_try_id },
  { name: "last_attempt_at", kind: "time", of: (row) => row.last_attempt_at },
  { name: "last_status_code", kind: "integer", of: (row) => row.last_status_code },
  { name: "last_error", kind: "text", of: (row) => row.last_error },
  { name: "last_duration_ms", kind: "integer", of: (row) => row.last_duration_ms },
  { name: "circuit", kind: "text", of: (row) => row.circuit },
  { name: "circuit_at", kind: "time", of: (row) => row.circuit_at },
  { name: "last_success_at", kind: "time", of: (row) => row.last_success_at },
  { name: "first_failure_at", kind: "time", of: (row) => row.first_failure_at },
  { name: "last_failure_at", kind: "time", of: (row) => row.last_failure_at },
  { name: "failures", kind: "integer", of: (row) => row.failures },
]);

/** The row of later time stands; of two at once the one whose text is the greater. Null is earlier than anything. */
const laterOf = (time: string, text: string, columns: readonly string[]) =>
  columns.map(
    (name) => `${name} = CASE WHEN excluded.${time} IS NOT NULL
      AND (kept.${time} IS NULL OR (excluded.${time}, excluded.${text}) > (kept.${time}, kept.${text}))
      THEN excluded.${name} ELSE kept.${name} END`,
  );

/** Failures up to this count no longer. */
const FORGIVEN = `coalesce(greatest(kept.last_success_at, excluded.last_success_at, kept.counts_from), '-infinity')`;

/** How many failures of a side still count; null when some of them do and some do not, which only their rows tell. */
const stillCounting = (side: string) => `CASE WHEN ${side}.first_failure_at > ${FORGIVEN} THEN ${side}.failures
  WHEN ${side}.last_failure_at > ${FORGIVEN} THEN NULL ELSE 0 END`;

const firstCounting = (side: string) =>
  `CASE WHEN ${side}.first_failure_at > ${FORGIVEN} THEN ${side}.first_failure_at END`;

/**
 * Merges what attempts say into what is known, whatever came first. Answers with the webhooks whose failures have to
 * be recounted: a success was found between failures that are known only by their first, last and number. Attempts of
 * a webhook are read nearly in the order in which they were decided, so that is seldom.
 */
export const STATE_MERGE = {
  ...states,
  sql: `${states.sql}
    ON CONFLICT (webhook_id) DO UPDATE SET
      version = greatest(kept.version, excluded.version),
      ${laterOf("last_attempt_at", "last_try_id", ["last_try_id", "last_attempt_at", "last_status_code", "last_error", "last_duration_ms"]).join(",\n      ")},
      ${laterOf("circuit_at", "circuit", ["circuit", "circuit_at"]).join(",\n      ")},
      last_success_at = greatest(kept.last_success_at, excluded.last_success_at),
      last_failure_at = greatest(kept.last_failure_at, excluded.last_failure_at),
      first_failure_at = least(${firstCounting("kept")}, ${firstCounting("excluded")}),
      failures = (${stillCounting("kept")}) + (${stillCounting("excluded")})
    RETURNING webhook_id, failures IS NULL AS uncounted`,
};

const COUNTS_AFTER = `coalesce(greatest(state.last_success_at, state.counts_from), '-infinity')`;

/**
 * Counts the failures of webhooks anew from attempt rows, those of this transaction included. An attempt is over within
 * a minute; the hour only says from where on to look.
 */
export const FAILURES_RECOUNT = `UPDATE webhook_states AS state SET (first_failure_at, failures) = (
    SELECT min(recorded_at), count(*) FROM attempts
    WHERE attempts.webhook_id = state.webhook_id AND error IS NOT NULL AND NOT test
      AND recorded_at > ${COUNTS_AFTER} AND at > ${COUNTS_AFTER} - interval '1 hour'
  ) WHERE webhook_id = ANY ($1)`;

/** Forgets minutes before a time (milliseconds since the epoch), at most so many at once. */
export const MINUTES_DROP = `DELETE FROM webhook_minutes USING (
    SELECT webhook_id, minute FROM webhook_minutes WHERE minute < to_timestamp($1 / 1000.0)
    LIMIT $2 FOR UPDATE SKIP LOCKED
  ) AS old WHERE webhook_minutes.webhook_id = old.webhook_id AND webhook_minutes.minute = old.minute`;

/** Forgets where webhooks stood that are deleted and were sent nothing since a time (milliseconds since the epoch). */
export const STATES_DROP = `DELETE FROM webhook_states
  WHERE coalesce(last_attempt_at, counts_from) < to_timestamp($1 / 1000.0)
    AND NOT EXISTS (SELECT FROM webhooks WHERE webhooks.id = webhook_states.webhook_id)`;
