import { TOPICS } from "@waggle/contracts";
import { createLogger, KAFKA_VARIABLES, kafkaConnection, loadConfig } from "@waggle/service";
import { createKafka } from "./connection";
import { ensureTopics } from "./ensure-topics";

/** `node dist/libs/kafka/src/create-topics.main.js`: creates what is missing, says what differs and exits 1. */
async function run(): Promise<void> {
  const config = loadConfig(KAFKA_VARIABLES);
  const logger = createLogger("create-topics", "warn");
  const kafka = createKafka({ ...kafkaConnection(config), clientId: "waggle-create-topics", logger });
  await ensureTopics(kafka, TOPICS, config.KAFKA_REPLICATION);
}

run().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
