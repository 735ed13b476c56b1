import "reflect-metadata";
import type { DynamicModule, Type } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import type { CustomTransportStrategy } from "@nestjs/microservices";
import { FastifyAdapter, type NestFastifyApplication } from "@nestjs/platform-fastify";
import type { FastifyReply } from "fastify";
import { closeConnectionsOnStop } from "./closing-connections";
import { nestLogger } from "./logger";
import { followRoutes, refuseOtherMethods } from "./other-methods";
import { registerProbes } from "./probes";
import { ProblemFilter, sendProblem, toProblem } from "./problem.filter";
import type { Service } from "./service";

export interface AppOptions {
  readonly module: DynamicModule | Type;
  readonly host: string;
  readonly port: number;
  /** Bytes of the largest request body. */
  readonly bodyLimit?: number;
  /** What must be done before work is taken (the directory is read, the schema migrated). Probes answer meanwhile. */
  readonly beforeWork?: (app: NestFastifyApplication) => Promise<void>;
  /** How records arrive: started after `beforeWork`, drained before the producers close. */
  readonly transports?: (app: NestFastifyApplication) => readonly CustomTransportStrategy[];
}

/** A shutdown that takes longer is cut off: an attempt in flight may take 30 s, and leaving the group a little more. */
const SHUTDOWN_LIMIT_MS = 45_000;

/** Characters of an id in a path: those of emails are their publishers', and may be long. */
const MAX_PARAM_LENGTH = 4_096;

/** How long a request may take to arrive. */
const REQUEST_TIMEOUT_MS = 60_000;

/**
 * Starts a process: HTTP with probes first, then what must precede work, then the transports. SIGTERM and SIGINT stop
 * it in the reverse order and exit 0; an error while starting is said and exits 1.
 */
export async function runApp(service: Service, options: AppOptions): Promise<NestFastifyApplication> {
  const working = service.readiness.require("work");
  const adapter = new FastifyAdapter({
    bodyLimit: options.bodyLimit ?? 1_048_576,
    exposeHeadRoutes: false,
    // Of URLs that no route gets to see.
    frameworkErrors: (error: Error, _request: unknown, reply: FastifyReply) => sendProblem(reply, toProblem(error)),
    // Its own answer is no problem+json; what can no longer be done says so itself.
    return503OnClosing: false,
    requestTimeout: REQUEST_TIMEOUT_MS,
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
  });
  const known = followRoutes(adapter.getInstance());
  const app = await NestFactory.create<NestFastifyApplication>(options.module, adapter, {
    logger: nestLogger(service.logger),
    abortOnError: false,
  });
  app.useGlobalFilters(new ProblemFilter(service.logger));
  registerProbes(app, service);
  closeConnectionsOnStop(app);
  stopOnSignal(service, app, () => working.notReady("stopping"));
  await app.init();
  refuseOtherMethods(app, known);
  await app.listen(options.port, options.host);
  await options.beforeWork?.(app);
  for (const strategy of options.transports?.(app) ?? []) app.connectMicroservice({ strategy });
  await app.startAllMicroservices();
  working.ready();
  service.logger.info({ port: options.port }, "service.started");
  return app;
}

/** `runApp` for a `main.ts`: whatever fails while starting is logged and ends the process. */
export function main(service: Service, options: AppOptions): void {
  runApp(service, options).catch((error: unknown) => {
    service.logger.fatal({ err: error }, "service.start_failed");
    process.exit(1);
  });
}

function stopOnSignal(service: Service, app: NestFastifyApplication, stopping: () => void): void {
  let stopped = false;
  const stop = (signal: NodeJS.Signals) => {
    if (stopped) return;
    stopped = true;
    service.logger.info({ signal }, "service.stopping");
    stopping();
    setTimeout(() => {
      service.logger.error({ limit_ms: SHUTDOWN_LIMIT_MS }, "service.stop_cut_off");
      process.exit(1);
    }, SHUTDOWN_LIMIT_MS).unref();
    app
      .close()
      .then(() => {
        service.logger.info("service.stopped");
        process.exit(0);
      })
      .catch((error: unknown) => {
        service.logger.error({ err: error }, "service.stop_failed");
        process.exit(1);
      });
  };
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
}
