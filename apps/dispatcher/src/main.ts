import { createService, EGRESS_VARIABLES, KAFKA_VARIABLES, loadConfig, main, SERVICE_VARIABLES } from "@waggle/service";
import { dispatcherApp } from "./dispatcher.module";

const config = loadConfig([
  ...SERVICE_VARIABLES,
  ...KAFKA_VARIABLES,
  ...EGRESS_VARIABLES,
  "DISPATCHER_PORT",
  "SECRETS_KEYS",
  "TIME_SCALE",
  "ATTEMPT_TIMEOUT_MS",
]);
const service = createService("dispatcher", { logLevel: config.LOG_LEVEL });

main(service, dispatcherApp(service, config));
