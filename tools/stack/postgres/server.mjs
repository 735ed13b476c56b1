import pg from "pg";
import { Problem } from "../../problem.mjs";
import { startChild } from "../../process/child.mjs";
import { waitUntil } from "../../process/wait-until.mjs";
import { postgresBinaries } from "./binaries.mjs";
import { prepareCluster, superuser } from "./cluster.mjs";
import { removeStaleLock } from "./stale-lock.mjs";
import { asUser, postgresUser } from "./system-user.mjs";

/** @typedef {import("../../process/service.mjs").Service} Service */

/**
 * @typedef {object} PostgresOptions
 * @property {string} dataDir made when absent; what is in it is kept
 * @property {number} port
 * @property {string} password
 * @property {string} logFile
 * @property {boolean} [shortLived] gives up durability for speed: for tests
 */

const database = "waggle";
/** invalid_password in PostgreSQL's list of error codes. */
const wrongPassword = "28P01";

/** @param {{ port: number, password: string }} options */
export function databaseUrl({ port, password }, name = database) {
  return `postgres://${superuser}:${encodeURIComponent(password)}@127.0.0.1:${port}/${name}`;
}

/**
 * Prepares a real PostgreSQL on 127.0.0.1 (TCP only) and says how to run it.
 * @param {PostgresOptions} options
 * @param {AbortSignal} signal
 * @returns {Promise<Service>} ready = accepts connections and has the database of {@link databaseUrl}
 */
export async function preparePostgres(options, signal) {
  await prepareCluster(options, signal);
  const { dataDir, port, logFile, shortLived = false } = options;
  const { postgres } = await postgresBinaries();
  const args = [
    "-D",
    dataDir,
    "-p",
    String(port),
    "-c",
    "listen_addresses=127.0.0.1",
    "-c",
    "unix_socket_directories=",
  ];
  if (shortLived) args.push("-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off");
  const command = asUser({ command: postgres, args }, await postgresUser(signal), [dataDir]);
  return {
    name: "PostgreSQL",
    logFile,
    // "fast": ends open sessions instead of waiting for them.
    stopSignal: "SIGINT",
    spawn: () => {
      removeStaleLock(dataDir);
      return startChild({ ...command, logFile });
    },
    ready: (abort) => waitUntil(() => hasDatabase(options), { timeoutMs: 60_000, signal: abort }),
  };
}

/**
 * Connects and makes the database when it is not there yet.
 * @param {PostgresOptions} options
 */
async function hasDatabase(options) {
  const client = new pg.Client({
    connectionString: databaseUrl(options, "postgres"),
    connectionTimeoutMillis: 2_000,
  });
  client.on("error", () => undefined);
  try {
    await client.connect();
    const { rowCount } = await client.query("SELECT 1 FROM pg_database WHERE datname = $1", [database]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${database}`);
    return true;
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code === wrongPassword) {
      throw new Problem(`The password at hand does not open the PostgreSQL data in ${options.dataDir}.`);
    }
    throw error;
  } finally {
    await client.end();
  }
}
