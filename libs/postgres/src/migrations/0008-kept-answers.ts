import type { MigrationInterface, QueryRunner } from "typeorm";

/** What requests with an idempotency key were answered with. */
export class KeptAnswers0008 implements MigrationInterface {
  readonly name = "KeptAnswers0000000000008";

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query("DROP TABLE kept_answers");
  }
}

const STATEMENTS = [
  // An empty tenant is the operator. Tenants are not referenced: the lock that takes would come after those on webhooks,
  // and everything else locks the tenant first.
  `CREATE TABLE kept_answers (
    tenant_id text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    sealed text NOT NULL,
    kept_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, key)
  )`,
  "CREATE INDEX kept_answers_by_age ON kept_answers (kept_at)",
];
