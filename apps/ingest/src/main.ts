import { createService, KAFKA_VARIABLES, kafkaConnection, loadConfig, main, SERVICE_VARIABLES } from "@waggle/service";
import { ingestModule } from "./ingest.module";
import { KafkaConnections } from "./out/kafka-connections";

const config = loadConfig([...SERVICE_VARIABLES, ...KAFKA_VARIABLES, "INGEST_PORT"]);
const service = createService("ingest", { logLevel: config.LOG_LEVEL });

main(service, {
  module: ingestModule(service, kafkaConnection(config)),
  host: config.BIND_HOST,
  port: config.INGEST_PORT,
  beforeWork: (app) => app.get(KafkaConnections).open(),
});
