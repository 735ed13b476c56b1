import { join } from "node:path";
import kafkajs from "kafkajs";
import { startChild } from "../../process/child.mjs";
import { waitUntil } from "../../process/wait-until.mjs";
import { kafkaClasspath } from "./jars.mjs";
import { propertiesFile } from "./storage.mjs";

/** @typedef {import("../../process/service.mjs").Service} Service */

/**
 * @typedef {object} KafkaOptions
 * @property {string} dataDir made when absent; what is in it is kept
 * @property {number} port
 * @property {number} controllerPort
 * @property {string} logFile
 * @property {boolean} [shortLived] starts faster, but takes twice the CPU under load: for tests
 */

/**
 * A real single-node Kafka on 127.0.0.1, to be started once `prepareKafka` has been there.
 * @param {KafkaOptions} options
 * @returns {Service}
 */
export function kafkaService({ dataDir, port, logFile, shortLived = false }) {
  const args = ["-Xms256m", "-Xmx512m", "-XX:+UseSerialGC", ...(shortLived ? ["-XX:TieredStopAtLevel=1"] : [])];
  args.push(`-Dlog4j2.configurationFile=${join(import.meta.dirname, "log4j2.properties")}`);
  args.push("-cp", kafkaClasspath, "kafka.Kafka", propertiesFile(dataDir));
  return {
    name: "Kafka",
    logFile,
    stopSignal: "SIGTERM",
    spawn: () => startChild({ command: "java", args, logFile }),
    ready: (signal) => waitUntil(() => answers(`127.0.0.1:${port}`), { timeoutMs: 60_000, signal }),
  };
}

/** @param {string} broker */
async function answers(broker) {
  const { Kafka, logLevel } = kafkajs;
  const once = { logLevel: logLevel.NOTHING, retry: { retries: 0 }, connectionTimeout: 1_000 };
  const admin = new Kafka({ clientId: "waggle-start", brokers: [broker], ...once }).admin();
  try {
    await admin.connect();
    return (await admin.describeCluster()).brokers.length > 0;
  } finally {
    await admin.disconnect();
  }
}
