import { setTimeout as sleep } from "node:timers/promises";
import { type DynamicModule, Module } from "@nestjs/common";
import { KafkaBatchServer, KafkaConnections, registerConsumerMetrics, type WatermarkConsumer } from "@waggle/kafka";
import { sha256Hex } from "@waggle/secrets";
import type { AppOptions, KafkaConnection, Service } from "@waggle/service";
import { EVENTS_TRANSPORT, EventsConsumer } from "./in/events.consumer";
import { INBOUND_TRANSPORT, InboundConsumer } from "./in/inbound.consumer";
import { InboundOutputLog } from "./out/inbound-output-log.kafka";
import { ThreadedInboundRenderer } from "./out/inbound-renderer.threads";
import { KafkaOutputLog } from "./out/output-log.kafka";
import { PrometheusRoutingReport } from "./out/routing-report.prometheus";
import { WebhooksDirectory } from "./out/webhooks.directory";
import { EventRouter } from "./route/event-router";
import { InboundRouter } from "./route/inbound-router";

@Module({})
class RouterModule {}

export interface RouterOptions {
  readonly host: string;
  readonly port: number;
  /** Routers of one group share the events; another group routes all of them again, to the same ids. */
  readonly groupId?: string;
  /** The compiled thread that reads mail; by default the one beside the compiled router. */
  readonly inboundWorker?: string;
}

const GROUP_ID = "waggle-router";
/** Short while little happens; a burst is not fetched one by one. */
const FETCH_EVERY = { leastMs: 5, mostMs: 40 } as const;
const MIB = 1_048_576;
const LIMITS = { records: 20_000, bytes: 64 * MIB } as const;

/** Mail is counted in megabytes: what is out of it is bounded by itself, whatever events are doing. */
const INBOUND = {
  limits: { records: 2_000, bytes: 32 * MIB },
  fetchEvery: { leastMs: 20, mostMs: 100 },
  /** A request that nothing answers is asked again this often; most installations get little mail. */
  maxWaitMs: 1_000,
  threads: { inAll: 3, perTenant: 2 },
} as const;

/** When Kafka does not answer, what is begun is given up after this long and routed again by the next process. */
const DRAIN_LIMIT_MS = 10_000;

/** Wires the router: events and mail in, route, deliveries out. */
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
  const parts = {
    directory: new WebhooksDirectory(connections.directory),
    report: new PrometheusRoutingReport(metrics, logger),
    sha256: sha256Hex,
    now: Date.now,
  };
  const router = new EventRouter({ ...parts, output: new KafkaOutputLog(connections.producer) });
  const renderer = new ThreadedInboundRenderer({ logger, workerFile: options.inboundWorker });
  const inboundOutput = new InboundOutputLog(connections.kafka, logger);
  const inboundRouter = new InboundRouter({
    ...parts,
    output: inboundOutput,
    renderer,
    maxRendering: INBOUND.threads.inAll,
    maxRenderingPerTenant: INBOUND.threads.perTenant,
  });
  const onFatal = (reason: string) => readiness.fail(reason);
  const events = new KafkaBatchServer({
    kafka: connections.kafka,
    groupId,
    logger,
    limits: LIMITS,
    fetch: { every: FETCH_EVERY },
    onFatal,
    drained: () => within(DRAIN_LIMIT_MS, router.drain()),
  });
  events.setTransportId(EVENTS_TRANSPORT);
  const inboundGroupId = `${groupId}-inbound`;
  const inbound = new KafkaBatchServer({
    kafka: connections.kafka,
    groupId: inboundGroupId,
    logger,
    limits: INBOUND.limits,
    fetch: { every: INBOUND.fetchEvery },
    maxWaitMs: INBOUND.maxWaitMs,
    onFatal,
    drained: () => within(DRAIN_LIMIT_MS, inboundRouter.drain()),
  });
  inbound.setTransportId(INBOUND_TRANSPORT);
  const consumers = new Map([
    [groupId, () => events.unwrap<WatermarkConsumer | null>()],
    [inboundGroupId, () => inbound.unwrap<WatermarkConsumer | null>()],
  ]);
  registerConsumerMetrics(metrics, consumers, Date.now);
  const module: DynamicModule = {
    module: RouterModule,
    controllers: [EventsConsumer, InboundConsumer],
    providers: [
      { provide: EventRouter, useValue: router },
      { provide: InboundRouter, useValue: inboundRouter },
      { provide: InboundOutputLog, useValue: inboundOutput },
      { provide: ThreadedInboundRenderer, useValue: renderer },
      { provide: KafkaConnections, useValue: connections },
    ],
  };
  return {
    module,
    host: options.host,
    port: options.port,
    beforeWork: async () => {
      await Promise.all([connections.open(), inboundOutput.open()]);
    },
    transports: () => [events, inbound],
  };
}

async function within(limitMs: number, work: Promise<void>): Promise<void> {
  await Promise.race([work, sleep(limitMs, undefined, { ref: false })]);
}
