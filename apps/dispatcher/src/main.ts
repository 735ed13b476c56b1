import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { createService, loadConfig, main } from "@waggle/service";
import { DISPATCHER_VARIABLES, dispatcherApp } from "./dispatcher.module";

const config = loadConfig(DISPATCHER_VARIABLES);
const service = createService("dispatcher", { logLevel: config.LOG_LEVEL });
/** The port makes it this process's alone. */
const memberFile = join(tmpdir(), `waggle-${userInfo().uid}`, `dispatcher-${config.DISPATCHER_PORT}.json`);

main(service, dispatcherApp(service, config, { memberFile }));
