import type { MigrationInterface, QueryRunner } from "typeorm";

/** What commands about deliveries leave behind: which rounds a re-queue superseded, and how far recoveries are. */
export class CommandTables0005 implements MigrationInterface {
  readonly name = "CommandTables0000000000005";

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query("DROP INDEX deliveries_exhausted, deliveries_skipped, deliveries_waiting_for_webhook");
    await runner.query("DROP TABLE recoveries, superseded_rounds");
  }
}

const STATEMENTS = [
  // What the directory holds of deliveries, until no record of an older round can be waiting any more.
  `CREATE TABLE superseded_rounds (
    delivery_id text COLLATE "C" PRIMARY KEY,
    min_round integer NOT NULL,
    superseded_at timestamptz NOT NULL
  )`,
  "CREATE INDEX superseded_rounds_by_age ON superseded_rounds (superseded_at)",

  `CREATE TABLE recoveries (
    id text COLLATE "C" PRIMARY KEY,
    tenant_id text COLLATE "C" NOT NULL,
    webhook_id text COLLATE "C" NOT NULL REFERENCES webhooks ON DELETE CASCADE,
    since timestamptz NOT NULL,
    until timestamptz NOT NULL,
    statuses text[] NOT NULL,
    status text NOT NULL,
    reason text,
    matched integer NOT NULL,
    requeued integer NOT NULL,
    unrecoverable integer NOT NULL,
    position_at timestamptz,
    position_id text COLLATE "C",
    created_at timestamptz NOT NULL,
    finished_at timestamptz
  )`,
  "CREATE INDEX recoveries_running ON recoveries (id) WHERE status = 'running'",
  "CREATE INDEX recoveries_of_webhook ON recoveries (webhook_id)",

  // A recovery walks along what one webhook missed, and asks what waits for it; nearly every delivery is neither.
  "CREATE INDEX deliveries_exhausted ON deliveries (webhook_id, accepted_at, delivery_id) WHERE status = 'exhausted'",
  "CREATE INDEX deliveries_skipped ON deliveries (webhook_id, accepted_at, delivery_id) WHERE status = 'skipped'",
  `CREATE INDEX deliveries_waiting_for_webhook ON deliveries (webhook_id, next_attempt_at) WHERE status = 'pending'`,
];
