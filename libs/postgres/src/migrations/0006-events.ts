import type { MigrationInterface, QueryRunner } from "typeorm";

/**
 * Events as they were accepted, one partition a day of `accepted_at`, and what each webhook subscribed to when: together
 * they tell why an event did or did not reach a webhook.
 */
export class Events0006 implements MigrationInterface {
  readonly name = "Events0000000000006";

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query("DROP TABLE webhook_filters, events");
  }
}

/** As in the delivery log: a B-tree entry could not hold every email id. */
const INDEXED = 128;

const STATEMENTS = [
  // Every copy of a publisher's own id has its row; the one that was accepted first is what the id means. So storing
  // needs no look at other days, and reading the topic in any order, and again, ends in the same rows.
  `CREATE TABLE events (
    event_id text COLLATE "C" NOT NULL,
    accepted_at timestamptz NOT NULL,
    tenant_id text COLLATE "C" NOT NULL,
    event_type text COLLATE "C" NOT NULL,
    email_id text COLLATE "C" NOT NULL,
    tags text[] COLLATE "C" NOT NULL,
    body text NOT NULL,
    PRIMARY KEY (event_id, tenant_id, accepted_at)
  ) PARTITION BY RANGE (accepted_at)`,
  "CREATE INDEX events_of_tenant ON events (tenant_id, accepted_at)",
  `CREATE INDEX events_of_email ON events (tenant_id, left(email_id, ${INDEXED}))`,

  // A row for each time a webhook's filter became another one; it holds until the next.
  `CREATE TABLE webhook_filters (
    webhook_id text COLLATE "C" NOT NULL REFERENCES webhooks ON DELETE CASCADE,
    version bigint NOT NULL,
    since timestamptz NOT NULL,
    events text[] NOT NULL,
    tags text[] NOT NULL,
    PRIMARY KEY (webhook_id, version)
  )`,
  // What webhooks subscribed to before is not known: it is taken to be what they do now.
  `INSERT INTO webhook_filters (webhook_id, version, since, events, tags)
    SELECT id, version, created_at, events, tags FROM webhooks`,
];
