import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stopChild } from "../process/child.mjs";
import { freePorts } from "../process/free-ports.mjs";
import { startService } from "../process/service.mjs";
import { kafkaService } from "./kafka/broker.mjs";
import { prepareKafka } from "./kafka/prepare.mjs";
import { databaseUrl, preparePostgres } from "./postgres/server.mjs";

/**
 * @typedef {object} TestStack
 * @property {string} kafkaBrokers
 * @property {string} databaseUrl of a superuser: tests make databases of their own beside it
 * @property {{ kafka: number, postgres: number }} pids
 * @property {() => Promise<void>} stop ends both and removes all they wrote
 */

/**
 * Starts an empty Kafka and PostgreSQL on free ports, in a temporary directory of their own.
 * @param {AbortSignal} signal
 * @returns {Promise<TestStack>} when it rejects, nothing is left
 */
export async function startTestStack(signal) {
  const directory = await mkdtemp(join(tmpdir(), "waggle-test-"));
  /** @type {(() => Promise<void>)[]} */
  const stops = [];
  const stop = async () => {
    await Promise.all(stops.splice(0).map((stopOne) => stopOne()));
    await rm(directory, { recursive: true, force: true });
  };
  /** @param {import("../process/service.mjs").Service} service */
  const start = async (service) => {
    const child = await startService(service, { signal });
    stops.push(() => stopChild(child, { stopSignal: service.stopSignal, graceMs: 5_000 }));
    return child.pid;
  };
  try {
    const [port = 0, controllerPort = 0, postgresPort = 0] = await freePorts(3);
    const kafka = { port, controllerPort, ...settings(directory, "kafka") };
    const postgres = { port: postgresPort, password: "waggle", ...settings(directory, "postgres") };
    const starts = await Promise.allSettled([
      prepareKafka(kafka, signal).then(() => start(kafkaService(kafka))),
      preparePostgres(postgres, signal).then(start),
    ]);
    const [kafkaPid, postgresPid] = starts.map(settled);
    const pids = { kafka: kafkaPid ?? 0, postgres: postgresPid ?? 0 };
    return { kafkaBrokers: `127.0.0.1:${port}`, databaseUrl: databaseUrl(postgres), pids, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * @param {string} directory
 * @param {string} name
 */
function settings(directory, name) {
  return { dataDir: join(directory, name), logFile: join(directory, `${name}.log`), shortLived: true };
}

/**
 * @param {PromiseSettledResult<number>} result
 * @returns {number}
 */
function settled(result) {
  if (result.status === "rejected") throw result.reason;
  return result.value;
}
