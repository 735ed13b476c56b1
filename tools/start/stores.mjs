import { join } from "node:path";
import { kafkaService } from "../stack/kafka/broker.mjs";
import { prepareKafka } from "../stack/kafka/prepare.mjs";
import { databaseUrl, preparePostgres } from "../stack/postgres/server.mjs";
import { dataDirs } from "./data-dir.mjs";

/** @typedef {import("./settings.mjs").Settings} Settings */
/** @typedef {import("./kept-stack.mjs").KeptStack} KeptStack */

/**
 * Where Kafka and PostgreSQL are (or will be): the existing ones that were named, else the embedded ones.
 * @param {Settings} settings
 * @param {{ postgres_password: string }} credentials
 */
export function storeAddresses({ kafkaBrokers, databaseUrl: url, ports }, { postgres_password: password }) {
  return {
    kafkaBrokers: kafkaBrokers ?? `127.0.0.1:${ports.kafka}`,
    databaseUrl: url ?? databaseUrl({ port: ports.postgres, password }),
  };
}

/**
 * @param {Settings} settings
 * @param {KeptStack} stack
 * @returns {(signal: AbortSignal) => Promise<void>} nothing to do when there is an existing one
 */
export function startKafka({ kafkaBrokers, dataDir, ports }, stack) {
  const { kafka, logs } = dataDirs(dataDir);
  const options = { port: ports.kafka, controllerPort: ports.kafkaController };
  const files = { dataDir: kafka, logFile: join(logs, "kafka.log") };
  return async (signal) => {
    if (kafkaBrokers !== undefined) return;
    await prepareKafka({ ...options, ...files }, signal);
    await stack.start("kafka", kafkaService({ ...options, ...files }), signal);
  };
}

/**
 * @param {Settings} settings
 * @param {{ stack: KeptStack, password: string }} context
 * @returns {(signal: AbortSignal) => Promise<void>} nothing to do when there is an existing one
 */
export function startPostgres({ databaseUrl: url, dataDir, ports }, { stack, password }) {
  const { postgres, logs } = dataDirs(dataDir);
  const options = { dataDir: postgres, logFile: join(logs, "postgres.log"), port: ports.postgres, password };
  return async (signal) => {
    if (url === undefined) await stack.start("postgres", await preparePostgres(options, signal), signal);
  };
}
