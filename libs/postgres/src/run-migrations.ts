import { ADVISORY_LOCKS } from "./advisory-locks";
import { createDataSource } from "./data-source";
import type { DatabaseLogger } from "./database";

/**
 * Brings the schema up to date. Processes that start together take turns, so each migration runs once.
 * Rejects when the server cannot be reached or a migration fails; each migration happens entirely or not at all.
 */
export async function runMigrations(options: { readonly url: string; readonly logger: DatabaseLogger }): Promise<void> {
  const { url, logger } = options;
  const source = createDataSource({
    url,
    // One connection waits for the lock and holds it, one migrates.
    poolSize: 2,
    connectTimeoutMs: 5_000,
    statementTimeoutMs: 0,
    onConnectionLost: (error) => logger.warn({ err: error }, "database.connection_lost"),
  });
  await source.initialize();
  const lock = source.createQueryRunner();
  try {
    await lock.query("SELECT pg_advisory_lock($1)", [ADVISORY_LOCKS.migrations]);
    for (const { name } of await source.runMigrations({ transaction: "each" })) {
      logger.info({ migration: name }, "database.migrated");
    }
  } finally {
    // Ends the session too, and with it the lock.
    await lock.release();
    await source.destroy();
  }
}
