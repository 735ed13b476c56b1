import { type DynamicModule, Module } from "@nestjs/common";
import { KafkaConnections } from "@waggle/kafka";
import { newId } from "@waggle/secrets";
import { type AppOptions, type KafkaConnection, Readiness, type Service } from "@waggle/service";
import { Acceptor } from "./accept/acceptor";
import { EventsController } from "./in/events.controller";
import { OtherMethods } from "./in/other-methods";
import { PublishReport } from "./in/publish-report";
import { RequestBodies } from "./in/request-bodies";
import { DirectoryApiKeys } from "./out/api-keys.directory";
import { KafkaEventLog } from "./out/event-log.kafka";

@Module({})
class IngestModule {}

export interface IngestOptions {
  readonly host: string;
  readonly port: number;
}

/** Publishers wait for it, so it is short. */
const PRODUCE = { every: { leastMs: 5, mostMs: 5 } } as const;

/** Wires ingest: HTTP in, accept, Kafka out. */
export function ingestApp(service: Service, connection: KafkaConnection, options: IngestOptions): AppOptions {
  const { logger, metrics, readiness } = service;
  const connections = new KafkaConnections({
    ...connection,
    app: service.name,
    logger,
    metrics,
    onFatal: (reason) => readiness.fail(reason),
    produce: PRODUCE,
  });
  const acceptor = new Acceptor({
    keys: new DirectoryApiKeys(connections.directory),
    log: new KafkaEventLog(connections.producer),
    now: Date.now,
    newEventId: (now) => newId("evt", now),
  });
  const module: DynamicModule = {
    module: IngestModule,
    controllers: [EventsController],
    providers: [
      RequestBodies,
      OtherMethods,
      { provide: Acceptor, useValue: acceptor },
      { provide: KafkaConnections, useValue: connections },
      { provide: PublishReport, useValue: new PublishReport(metrics, logger) },
      { provide: Readiness, useValue: readiness },
    ],
  };
  return { module, ...options, beforeWork: () => connections.open() };
}
