import type { MigrationInterface, QueryRunner } from "typeorm";

/** Inbound addresses, and the messages that came in for them: one partition a day of `accepted_at`. */
export class Inbound0010 implements MigrationInterface {
  readonly name = "Inbound0000000000010";

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query("DROP TABLE inbound_messages, inbound_addresses");
  }
}

const STATEMENTS = [
  `CREATE TABLE inbound_addresses (
    id text COLLATE "C" PRIMARY KEY,
    tenant_id text COLLATE "C" NOT NULL REFERENCES tenants ON DELETE CASCADE,
    hash text COLLATE "C" NOT NULL UNIQUE,
    name text,
    created_at timestamptz NOT NULL,
    version bigint NOT NULL
  )`,
  "CREATE INDEX inbound_addresses_of_tenant ON inbound_addresses (tenant_id, id)",

  // Nothing is referenced: messages outlive their address. Lists read columns; what was read of the message, bodies
  // included, is one JSON text, which PostgreSQL compresses and keeps beside the row. Being JSON it can hold NUL.
  `CREATE TABLE inbound_messages (
    event_id text COLLATE "C" NOT NULL,
    accepted_at timestamptz NOT NULL,
    tenant_id text COLLATE "C" NOT NULL,
    hash text COLLATE "C" NOT NULL,
    recipient text NOT NULL,
    envelope_sender text,
    bounce boolean NOT NULL,
    door text COLLATE "C" NOT NULL,
    from_address text,
    from_name text,
    subject text,
    attachment_count integer NOT NULL,
    bytes integer NOT NULL,
    parse_error text COLLATE "C",
    senders text[] COLLATE "C" NOT NULL,
    message text NOT NULL,
    PRIMARY KEY (event_id, accepted_at)
  ) PARTITION BY RANGE (accepted_at)`,
  "CREATE INDEX inbound_messages_of_tenant ON inbound_messages (tenant_id, accepted_at, event_id)",
  "CREATE INDEX inbound_messages_of_address ON inbound_messages (hash, accepted_at, event_id)",
  "CREATE INDEX inbound_messages_by_sender ON inbound_messages USING gin (senders)",
];
