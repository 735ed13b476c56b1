import type { MigrationInterface, QueryRunner } from "typeorm";

/**
 * What is known of each webhook without asking its attempts one by one: counts by the minute, and where it stands. Both
 * are folded from attempt rows in the transaction that stores them; tests count in neither.
 */
export class StatisticsTables0003 implements MigrationInterface {
  readonly name = "StatisticsTables0000000000003";

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query("DROP INDEX attempts_failed, attempts_delivered");
    await runner.query("DROP TABLE webhook_states, webhook_minutes");
  }
}

const STATEMENTS = [
  // No partitions: a minute is one of an attempt, which may come days after the acceptance that the log's days go by.
  // latencies counts attempts by duration, one element per bucket, without the empty ones at its end.
  `CREATE TABLE webhook_minutes (
    webhook_id text COLLATE "C" NOT NULL,
    minute timestamptz NOT NULL,
    tenant_id text COLLATE "C" NOT NULL,
    delivered integer NOT NULL,
    failed integer NOT NULL,
    latencies integer[] NOT NULL,
    PRIMARY KEY (webhook_id, minute)
  ) WITH (fillfactor = 70)`,
  // For the sweep alone. A B-tree would be taken for one webhook's minutes too, and read those of all.
  "CREATE INDEX webhook_minutes_by_age ON webhook_minutes USING brin (minute) WITH (autosummarize = on)",

  // last_… and circuit are null until an attempt is folded. Failures up to counts_from are forgotten, as those before a
  // success are: first_failure_at and failures are of those after both. failures is null only within a transaction.
  `CREATE TABLE webhook_states (
    webhook_id text COLLATE "C" PRIMARY KEY,
    tenant_id text COLLATE "C" NOT NULL,
    version bigint NOT NULL DEFAULT 0,
    last_try_id text COLLATE "C",
    last_attempt_at timestamptz,
    last_status_code integer,
    last_error text COLLATE "C",
    last_duration_ms integer,
    circuit text COLLATE "C",
    circuit_at timestamptz,
    counts_from timestamptz,
    last_success_at timestamptz,
    first_failure_at timestamptz,
    last_failure_at timestamptz,
    failures integer DEFAULT 0
  ) WITH (fillfactor = 70)`,
  "CREATE INDEX webhook_states_failing ON webhook_states (first_failure_at) WHERE first_failure_at IS NOT NULL",

  // Of one webhook in their order. Every attempt is in one of the two, so that few failures are found among many.
  "CREATE INDEX attempts_failed ON attempts (webhook_id, at, try_id) WHERE error IS NOT NULL",
  "CREATE INDEX attempts_delivered ON attempts (webhook_id, at, try_id) WHERE error IS NULL",
];
