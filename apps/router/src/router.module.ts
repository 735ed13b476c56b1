import { setTimeout as sleep } from "node:timers/promises";
import { type DynamicModule, Module } from "@nestjs/common";
import { KafkaBatchServer, KafkaConnections, registerConsumerMetrics } from "@waggle/kafka";
import { sha256Hex } from "@waggle/secrets";
import type { AppOptions, KafkaConnection, Service } from "@waggle/service";
import { EventsConsumer } from "./in/events.consumer";
import { KafkaOutputLog } from "./out/output-log.kafka";
import { PrometheusRoutingReport } from "./out/routing-report.prometheus";
import { WebhooksDirectory } from "./out/webhooks.directory";
import { EventRouter } from "./route/event-router";

@Module({})
class RouterModule {}

export interface RouterOptions {
  readonly host: string;
  readonly port: number;
  /** Routers of one group share the events; another group routes all of them again, to the same ids. */
  readonly groupId?: string;
}

const GROUP_ID = "waggle-router";
/** Short while little happens; a burst is not fetched one by one. */
const FETCH_EVERY = { leastMs: 5, mostMs: 20 } as const;
const LIMITS = { records: 20_000, bytes: 64 * 1_048_576 } as const;

/** When Kafka does not answer, what is begun is given up after this long and routed again by the next process. */
const DRAIN_LIMIT_MS = 10_000;

/** Wires the router: events in, route, deliveries out. */
export function routerApp(service: Service, connection: KafkaConnection, options: RouterOptions): AppOptions {
  const { logger, metrics, readiness } = service;
  const groupId = options.groupId ?? GROUP_ID;
  const connections = new KafkaConnections({
    ...connection,
    app: service.name,
    logger,
    metrics,
    onFatal: (reason) => readiness.fail(reason),
  });
  const router = new EventRouter({
    directory: new WebhooksDirectory(connections.directory),
    output: new KafkaOutputLog(connections.producer),
    report: new PrometheusRoutingReport(metrics, logger),
    sha256: sha256Hex,
    now: Date.now,
  });
  const events = new KafkaBatchServer({
    kafka: connections.kafka,
    groupId,
    logger,
    limits: LIMITS,
    fetch: { every: FETCH_EVERY },
    onFatal: (reason) => readiness.fail(reason),
    drained: () => Promise.race([router.drain(), sleep(DRAIN_LIMIT_MS, undefined, { ref: false })]),
  });
  registerConsumerMetrics(metrics, new Map([[groupId, () => events.unwrap()]]), Date.now);
  const module: DynamicModule = {
    module: RouterModule,
    controllers: [EventsConsumer],
    providers: [
      { provide: EventRouter, useValue: router },
      { provide: KafkaConnections, useValue: connections },
    ],
  };
  return {
    module,
    host: options.host,
    port: options.port,
    beforeWork: () => connections.open(),
    transports: () => [events],
  };
}
