import { createService, KAFKA_VARIABLES, kafkaConnection, loadConfig, main, SERVICE_VARIABLES } from "@waggle/service";
import { ingestApp } from "./ingest.module";

const config = loadConfig([...SERVICE_VARIABLES, ...KAFKA_VARIABLES, "INGEST_PORT"]);
const service = createService("ingest", { logLevel: config.LOG_LEVEL });

main(service, ingestApp(service, kafkaConnection(config), { host: config.BIND_HOST, port: config.INGEST_PORT }));
