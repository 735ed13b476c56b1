import {
  createService,
  KAFKA_VARIABLES,
  kafkaConnection,
  loadConfig,
  MAIL_VARIABLES,
  main,
  SERVICE_VARIABLES,
} from "@waggle/service";
import { ingestApp } from "./ingest.module";

const config = loadConfig([...SERVICE_VARIABLES, ...KAFKA_VARIABLES, ...MAIL_VARIABLES, "INGEST_PORT"]);
const service = createService("ingest", { logLevel: config.LOG_LEVEL });
const { SMTP_TLS_CERT_FILE: certFile, SMTP_TLS_KEY_FILE: keyFile } = config;

const options = {
  host: config.BIND_HOST,
  port: config.INGEST_PORT,
  smtp: {
    port: config.SMTP_PORT,
    domain: config.INBOUND_DOMAIN,
    maxConnections: config.SMTP_MAX_CONNECTIONS,
    maxConnectionsPerAddress: config.SMTP_MAX_CONNECTIONS_PER_IP,
    tls: certFile === "" ? null : { certFile, keyFile },
  },
  mailMemoryBytes: config.INBOUND_MEMORY_MIB * 1_048_576,
};

main(service, ingestApp(service, kafkaConnection(config), options));
