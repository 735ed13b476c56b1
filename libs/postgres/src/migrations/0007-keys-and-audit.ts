import type { MigrationInterface, QueryRunner } from "typeorm";

/** When API keys end and were last used, and who changed what. */
export class KeysAndAudit0007 implements MigrationInterface {
  readonly name = "KeysAndAudit0000000000007";

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query("DROP TABLE audit_log");
    await runner.query("ALTER TABLE api_keys DROP COLUMN last_used_at, DROP COLUMN expires_at");
  }
}

const STATEMENTS = [
  "ALTER TABLE api_keys ADD COLUMN expires_at timestamptz, ADD COLUMN last_used_at timestamptz",

  // Ids are ULIDs of `at`: one index serves pages, times and retention. Nothing is referenced: entries outlive what
  // they tell of.
  `CREATE TABLE audit_log (
    id text COLLATE "C" PRIMARY KEY,
    at timestamptz NOT NULL,
    tenant_id text COLLATE "C",
    actor text NOT NULL,
    key_id text COLLATE "C",
    action text NOT NULL,
    resource_id text COLLATE "C" NOT NULL,
    before json,
    after json
  )`,
  "CREATE INDEX audit_log_of_tenant ON audit_log (tenant_id, id)",
  "CREATE INDEX audit_log_of_resource ON audit_log (resource_id, id)",
  "CREATE INDEX audit_log_of_key ON audit_log (key_id, id) WHERE key_id IS NOT NULL",
];
