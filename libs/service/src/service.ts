import { collectDefaultMetrics, Gauge, Registry } from "prom-client";
import { createLogger, type Logger } from "./logger";
import { Readiness } from "./readiness";
import { VERSION } from "./version";

/** What every part of a process shares: its name, log, metrics and readiness. */
export interface Service {
  readonly name: string;
  readonly logger: Logger;
  readonly metrics: Registry;
  readonly readiness: Readiness;
}

/**
 * How often the lag of the event loop is sampled, in milliseconds. Each sample wakes the process up: at 10, the default
 * of prom-client, an idle one does nothing else. `nodejs_eventloop_lag_*` are times between two samples, so this much is
 * no lag at all.
 */
const LAG_RESOLUTION_MS = 100;

/** How long a process that failed may still answer probes and flush its log, in milliseconds. */
const LAST_WORDS_MS = 200;

export function createService(name: string, options: { readonly logLevel: string }): Service {
  const logger = createLogger(name, options.logLevel);
  const metrics = new Registry();
  collectDefaultMetrics({ register: metrics, eventLoopMonitoringPrecision: LAG_RESOLUTION_MS });
  new Gauge({
    name: "waggle_build_info",
    help: "1, labelled with the version that runs",
    labelNames: ["version"],
    registers: [metrics],
  }).set({ version: VERSION }, 1);
  const readiness = new Readiness((reason) => {
    logger.fatal({ reason }, "service.failed");
    setTimeout(() => process.exit(1), LAST_WORDS_MS);
  });
  return { name, logger, metrics, readiness };
}
