import { WEBHOOK_DIRECTORY } from "@waggle/contracts";
import { createLogger, KAFKA_VARIABLES, kafkaConnection, loadConfig } from "@waggle/service";
import { createKafka } from "./connection";

/**
 * `node dist/libs/kafka/src/directory-end.main.js`: prints the end offset of the directory. An app whose
 * `waggle_directory_offset` is that high knows every change that has reached Kafka.
 */
async function run(): Promise<void> {
  const config = loadConfig(KAFKA_VARIABLES);
  const logger = createLogger("directory-end", "warn");
  const admin = createKafka({ ...kafkaConnection(config), clientId: "waggle-directory-end", logger }).admin();
  await admin.connect();
  const [offsets] = await admin.fetchTopicOffsets(WEBHOOK_DIRECTORY);
  await admin.disconnect();
  process.stdout.write(`${offsets?.high ?? 0}\n`);
}

run().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
