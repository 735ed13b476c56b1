import { createService, KAFKA_VARIABLES, kafkaConnection, loadConfig, main, SERVICE_VARIABLES } from "@waggle/service";
import { routerApp } from "./router.module";

const config = loadConfig([...SERVICE_VARIABLES, ...KAFKA_VARIABLES, "ROUTER_PORT"]);
const service = createService("router", { logLevel: config.LOG_LEVEL });

main(service, routerApp(service, kafkaConnection(config), { host: config.BIND_HOST, port: config.ROUTER_PORT }));
