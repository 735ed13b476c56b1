import type { MigrationInterface, QueryRunner } from "typeorm";

/** Replaced secrets are found when their overlap is over, among the many that have no end. */
export class ExpiringSecrets0009 implements MigrationInterface {
  readonly name = "ExpiringSecrets0000000000009";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query("CREATE INDEX secrets_expiring ON secrets (expires_at) WHERE expires_at IS NOT NULL");
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query("DROP INDEX secrets_expiring");
  }
}
