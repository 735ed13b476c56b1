import { createService, loadConfig, main } from "@waggle/service";
import { HEALTH_VARIABLES, healthApp } from "./health.module";

const config = loadConfig(HEALTH_VARIABLES);
const service = createService("health", { logLevel: config.LOG_LEVEL });

main(service, healthApp(service, config));
