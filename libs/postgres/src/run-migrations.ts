import { ADVISORY_LOCKS } from "./advisory-locks";
import { createDataSource } from "./data-source";
import type { DatabaseLogger } from "./database";
import { databaseUnavailable, isServerUnavailable } from "./database-errors";

/**
 * Brings the schema up to date. Processes that start together take turns, so each migration runs once; each happens
 * entirely or not at all.
 * @throws WaggleError `database_unavailable`, after which it may be tried again; else a migration that failed
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
  await source.initialize().catch((error: unknown) => {
    throw databaseUnavailable(error);
  });
  const lock = source.createQueryRunner();
  try {
    await lock.query("SELECT pg_advisory_lock($1)", [ADVISORY_LOCKS.migrations]);
    for (const { name } of await source.runMigrations({ transaction: "each" })) {
      logger.info({ migration: name }, "database.migrated");
    }
  } catch (error) {
    throw isServerUnavailable(error) ? databaseUnavailable(error) : error;
  } finally {
    // Ends the session too, and with it the lock.
    await lock.release();
    await source.destroy();
  }
}
