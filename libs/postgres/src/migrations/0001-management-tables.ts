import type { MigrationInterface, QueryRunner } from "typeorm";

/**
 * Tenants, API keys, webhooks and their secrets; the outbox and the sequence that numbers every change.
 * Ids are compared byte by byte (`COLLATE "C"`): they are ULIDs, and lists are paged in their order.
 */
export class ManagementTables0001 implements MigrationInterface {
  readonly name = "ManagementTables0000000000001";

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query("DROP TABLE directory_deletions, outbox, secrets, webhooks, api_keys, tenants");
    await runner.query("DROP FUNCTION notify_outbox()");
    await runner.query("DROP SEQUENCE directory_version");
  }
}

const STATEMENTS = [
  "CREATE SEQUENCE directory_version",

  `CREATE TABLE tenants (
    id text COLLATE "C" PRIMARY KEY,
    name text NOT NULL,
    dialect text NOT NULL,
    alert_email text,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version bigint NOT NULL
  )`,

  `CREATE TABLE api_keys (
    id text COLLATE "C" PRIMARY KEY,
    tenant_id text COLLATE "C" NOT NULL REFERENCES tenants ON DELETE CASCADE,
    name text NOT NULL,
    scopes text[] NOT NULL,
    key_hash text COLLATE "C" NOT NULL UNIQUE,
    created_at timestamptz NOT NULL,
    version bigint NOT NULL
  )`,
  "CREATE INDEX api_keys_of_tenant ON api_keys (tenant_id, id)",

  `CREATE TABLE webhooks (
    id text COLLATE "C" PRIMARY KEY,
    tenant_id text COLLATE "C" NOT NULL REFERENCES tenants ON DELETE CASCADE,
    url text NOT NULL,
    events text[] NOT NULL,
    tags text[] NOT NULL,
    description text,
    dialect text NOT NULL,
    status text NOT NULL,
    disabled_reason text,
    failing_since timestamptz,
    headers jsonb NOT NULL,
    timeout_ms integer,
    max_in_flight integer,
    max_per_second integer,
    retry_delays_s integer[],
    disable_after_s integer,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version bigint NOT NULL
  )`,
  "CREATE INDEX webhooks_of_tenant ON webhooks (tenant_id, id)",

  // A secret belongs to a webhook, or – webhook_id null – to the tenant whose webhooks share it.
  `CREATE TABLE secrets (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id text COLLATE "C" NOT NULL REFERENCES tenants ON DELETE CASCADE,
    webhook_id text COLLATE "C" REFERENCES webhooks ON DELETE CASCADE,
    sealed text NOT NULL,
    expires_at timestamptz
  )`,
  `CREATE UNIQUE INDEX secrets_one_current ON secrets (tenant_id, webhook_id) NULLS NOT DISTINCT
    WHERE expires_at IS NULL`,
  "CREATE INDEX secrets_of_tenant ON secrets (tenant_id, webhook_id)",
  "CREATE INDEX secrets_of_webhook ON secrets (webhook_id)",

  // headers is json, not jsonb: jsonb refuses \\u0000, which a publisher may put where a header is made from.
  `CREATE TABLE outbox (
    version bigint PRIMARY KEY,
    topic text NOT NULL,
    key bytea,
    value bytea,
    headers json NOT NULL,
    partition integer,
    created_at timestamptz NOT NULL DEFAULT now()
  )`,
  `CREATE FUNCTION notify_outbox() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM pg_notify('outbox', ''); RETURN NULL; END $$`,
  `CREATE TRIGGER outbox_wakes_relay AFTER INSERT ON outbox
    FOR EACH STATEMENT EXECUTE FUNCTION notify_outbox()`,

  // What the directory still holds a deletion record of, until a tombstone removes its last trace.
  `CREATE TABLE directory_deletions (
    key text COLLATE "C" PRIMARY KEY,
    version bigint NOT NULL,
    deleted_at timestamptz NOT NULL
  )`,
  "CREATE INDEX directory_deletions_by_age ON directory_deletions (deleted_at)",
];
