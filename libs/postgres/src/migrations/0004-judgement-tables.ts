import type { MigrationInterface, QueryRunner } from "typeorm";

/**
 * What was decided about webhooks and why, what was said about those that fail, the mails that say it, and incidents.
 * `webhooks.failing_since` goes: that is known from the webhook's state, and would be wrong wherever it was copied.
 */
export class JudgementTables0004 implements MigrationInterface {
  readonly name = "JudgementTables0000000000004";

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query("DROP TABLE incident_webhooks, incidents, alert_mails, webhook_warnings, webhook_history");
    await runner.query("ALTER TABLE webhooks ADD COLUMN failing_since timestamptz");
  }
}

const STATEMENTS = [
  "ALTER TABLE webhooks DROP COLUMN failing_since",

  // Ids are ULIDs: their order is the order of time, in which the list is paged.
  `CREATE TABLE webhook_history (
    id text COLLATE "C" PRIMARY KEY,
    webhook_id text COLLATE "C" NOT NULL REFERENCES webhooks ON DELETE CASCADE,
    at timestamptz NOT NULL,
    action text NOT NULL,
    actor text NOT NULL,
    key_id text,
    details json NOT NULL
  )`,
  "CREATE INDEX webhook_history_of_webhook ON webhook_history (webhook_id, id)",

  // The longest warning given about the failures that began then; without a row, none was.
  `CREATE TABLE webhook_warnings (
    webhook_id text COLLATE "C" PRIMARY KEY REFERENCES webhooks ON DELETE CASCADE,
    failing_since timestamptz NOT NULL,
    after_s integer NOT NULL
  )`,

  // A mail goes when it is sent. Whoever sends it moves due_at first, so that nobody else does meanwhile.
  `CREATE TABLE alert_mails (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    recipient text NOT NULL,
    subject text NOT NULL,
    text text NOT NULL,
    html text NOT NULL,
    created_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    tries integer NOT NULL DEFAULT 0
  )`,
  "CREATE INDEX alert_mails_due ON alert_mails (due_at, id)",

  // webhooks and recovered are what they were when it was closed.
  `CREATE TABLE incidents (
    id text COLLATE "C" PRIMARY KEY,
    opened_at timestamptz NOT NULL,
    began_at timestamptz NOT NULL,
    closed_at timestamptz,
    closed_by text,
    webhooks integer,
    recovered integer
  )`,
  "CREATE UNIQUE INDEX incidents_one_open ON incidents ((closed_at IS NULL)) WHERE closed_at IS NULL",
  // Whose failures began in it.
  `CREATE TABLE incident_webhooks (
    incident_id text COLLATE "C" NOT NULL REFERENCES incidents ON DELETE CASCADE,
    webhook_id text COLLATE "C" NOT NULL REFERENCES webhooks ON DELETE CASCADE,
    failing_since timestamptz NOT NULL,
    PRIMARY KEY (incident_id, webhook_id)
  )`,
  "CREATE INDEX incident_webhooks_of_webhook ON incident_webhooks (webhook_id)",
];
