import { type DynamicModule, Module } from "@nestjs/common";
import { newId } from "@waggle/secrets";
import { type KafkaConnection, Readiness, type Service } from "@waggle/service";
import { Acceptor } from "./accept/acceptor";
import { EventsController } from "./in/events.controller";
import { OtherMethods } from "./in/other-methods";
import { PublishReport } from "./in/publish-report";
import { RequestBodies } from "./in/request-bodies";
import { DirectoryApiKeys } from "./out/api-keys.directory";
import { KafkaEventLog } from "./out/event-log.kafka";
import { KafkaConnections } from "./out/kafka-connections";

@Module({})
class IngestModule {}

/** Wires ingest: HTTP in, accept, Kafka out. */
export function ingestModule(service: Service, connection: KafkaConnection): DynamicModule {
  const kafka = new KafkaConnections(service, connection);
  const acceptor = new Acceptor({
    keys: new DirectoryApiKeys(kafka.directory),
    log: new KafkaEventLog(kafka.producer),
    now: Date.now,
    newEventId: (now) => newId("evt", now),
  });
  return {
    module: IngestModule,
    controllers: [EventsController],
    providers: [
      RequestBodies,
      OtherMethods,
      { provide: KafkaConnections, useValue: kafka },
      { provide: Acceptor, useValue: acceptor },
      { provide: Readiness, useValue: service.readiness },
      { provide: PublishReport, useValue: new PublishReport(service.metrics, service.logger) },
    ],
  };
}
