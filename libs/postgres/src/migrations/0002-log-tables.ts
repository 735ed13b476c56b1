import type { MigrationInterface, QueryRunner } from "typeorm";

/**
 * The delivery log: deliveries, their bodies and attempts, one partition a day of the delivery's `accepted_at`, so that
 * retention drops whole tables and a page of recent deliveries reads few. The partitions are made by `makeLogDays`.
 */
export class LogTables0002 implements MigrationInterface {
  readonly name = "LogTables0000000000002";

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query("DROP TABLE attempts, delivery_bodies, publisher_deliveries, deliveries");
    await runner.query("DROP TYPE delivery_status");
  }
}

/**
 * Characters of a publisher's text that are indexed; the rest is compared in the row. A whole email id or recipient
 * may be longer than a B-tree entry can be (2,704 bytes), and such a delivery could not be stored.
 */
const INDEXED = 128;

const STATEMENTS = [
  // The order is the rule by which states of one round merge: of two, the later in this list stands.
  "CREATE TYPE delivery_status AS ENUM ('pending', 'skipped', 'exhausted', 'delivered')",

  // The columns from round to attempt_count change; all others are those of the record that made the row.
  `CREATE TABLE deliveries (
    delivery_id text COLLATE "C" NOT NULL,
    accepted_at timestamptz NOT NULL,
    tenant_id text COLLATE "C" NOT NULL,
    webhook_id text COLLATE "C" NOT NULL,
    event_id text COLLATE "C" NOT NULL,
    event_type text COLLATE "C" NOT NULL,
    email_id text COLLATE "C" NOT NULL,
    recipient text COLLATE "C" NOT NULL,
    tags text[] COLLATE "C" NOT NULL,
    dialect text COLLATE "C" NOT NULL,
    publisher_id boolean NOT NULL,
    test boolean NOT NULL,
    round integer NOT NULL,
    status delivery_status NOT NULL,
    reason text COLLATE "C",
    next_attempt_at timestamptz,
    state_number integer NOT NULL,
    state_at timestamptz NOT NULL,
    attempt_count integer NOT NULL,
    PRIMARY KEY (delivery_id, accepted_at)
  ) PARTITION BY RANGE (accepted_at)`,
  // Each of these hands out a page in its order, so that a page costs the same at any depth and size.
  "CREATE INDEX deliveries_of_tenant ON deliveries (tenant_id, accepted_at, delivery_id)",
  // What nearly every delivery is needs no index of its own: nearly every row of the index above is one. A tenant whose
  // webhooks were disabled for weeks is told to narrow the time, which is better than an index entry for every delivery.
  `CREATE INDEX deliveries_by_status ON deliveries (tenant_id, status, accepted_at, delivery_id)
    WHERE status <> 'delivered'`,
  `CREATE INDEX deliveries_by_type ON deliveries (tenant_id, event_type, accepted_at, delivery_id)
    WHERE event_type <> 'delivery'`,
  "CREATE INDEX deliveries_of_webhook ON deliveries (webhook_id, accepted_at, delivery_id)",
  `CREATE INDEX deliveries_by_recipient ON deliveries
    (tenant_id, left(recipient, ${INDEXED}), accepted_at, delivery_id)`,
  // These find few rows, which are then sorted.
  "CREATE INDEX deliveries_of_event ON deliveries (tenant_id, event_id)",
  `CREATE INDEX deliveries_of_email ON deliveries (tenant_id, left(email_id, ${INDEXED}))`,
  "CREATE INDEX deliveries_by_tag ON deliveries USING gin (tags) WHERE tags <> '{}'",

  // Where deliveries of publishers' own ids have their rows: such an id may come again on another day, and a look into
  // every day's index would cost more with each day that is kept. No partitions: an id is claimed once over all days.
  `CREATE TABLE publisher_deliveries (
    delivery_id text COLLATE "C" PRIMARY KEY,
    accepted_at timestamptz NOT NULL
  )`,
  "CREATE INDEX publisher_deliveries_by_age ON publisher_deliveries USING brin (accepted_at) WITH (autosummarize = on)",

  // Beside the deliveries, not in them: lists never read a body, and a change of state would write it again. The key
  // begins with the time, as that of attempts does: it grows at its end, where one that begins with an id, which is a
  // hash, is written all over. Whoever reads them has the delivery's row, and its time.
  `CREATE TABLE delivery_bodies (
    delivery_id text COLLATE "C" NOT NULL,
    accepted_at timestamptz NOT NULL,
    body text NOT NULL,
    PRIMARY KEY (accepted_at, delivery_id)
  ) PARTITION BY RANGE (accepted_at)`,

  // accepted_at is that of the delivery's row, also when the try was made for a later copy of a publisher's own id: a try
  // is found by its delivery, and goes with it. Headers are json, not jsonb: jsonb refuses \u0000.
  `CREATE TABLE attempts (
    try_id text COLLATE "C" NOT NULL,
    accepted_at timestamptz NOT NULL,
    delivery_id text COLLATE "C" NOT NULL,
    tenant_id text COLLATE "C" NOT NULL,
    webhook_id text COLLATE "C" NOT NULL,
    webhook_version bigint NOT NULL,
    test boolean NOT NULL,
    round integer NOT NULL,
    number integer NOT NULL,
    at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    duration_ms integer NOT NULL,
    status_code integer,
    error text COLLATE "C",
    request_headers json NOT NULL,
    response_headers json NOT NULL,
    response_body text,
    response_truncated boolean NOT NULL,
    next_attempt_at timestamptz,
    PRIMARY KEY (accepted_at, delivery_id, try_id)
  ) PARTITION BY RANGE (accepted_at)`,
];
