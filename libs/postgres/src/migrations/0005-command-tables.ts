import type { MigrationInterface, QueryRunner } from "typeorm";

/** What commands about deliveries leave behind: which rounds a re-queue superseded. */
export class CommandTables0005 implements MigrationInterface {
  readonly name = "CommandTables0000000000005";

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query("DROP TABLE superseded_rounds");
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
];
