import { type DynamicModule, Module } from "@nestjs/common";
import { KafkaConnections } from "@waggle/kafka";
import { newId } from "@waggle/secrets";
import { type AppOptions, type KafkaConnection, Readiness, type Service } from "@waggle/service";
import { Acceptor } from "./accept/acceptor";
import { MailAcceptor } from "./accept/mail/mail-acceptor";
import { MailMemory } from "./accept/mail/mail-memory";
import { EventsController } from "./in/events.controller";
import { InboundController } from "./in/inbound.controller";
import { OtherMethods } from "./in/other-methods";
import { PublishReport } from "./in/publish-report";
import { RequestBodies } from "./in/request-bodies";
import { SmtpDoor, type SmtpOptions } from "./in/smtp/smtp-door";
import { SmtpReport } from "./in/smtp/smtp-report";
import { DirectoryApiKeys } from "./out/api-keys.directory";
import { KafkaEventLog } from "./out/event-log.kafka";
import { DirectoryInboundAddresses } from "./out/inbound-addresses.directory";
import { KafkaMailLog } from "./out/mail-log.kafka";

@Module({})
class IngestModule {}

export interface IngestOptions {
  readonly host: string;
  readonly port: number;
  readonly smtp: Omit<SmtpOptions, "host">;
  /** Bytes that mail may occupy before Kafka has it. */
  readonly mailMemoryBytes: number;
}

/** Publishers wait for it, so it is short. */
const PRODUCE = { every: { leastMs: 5, mostMs: 15, msPerRecord: 1 / 8 } } as const;

const newEventId = (now: number) => newId("evt", now);

/** Wires ingest: HTTP and SMTP in, accept, Kafka out. */
export function ingestApp(
  service: Service,
  connection: KafkaConnection,
  { host, port, smtp, mailMemoryBytes }: IngestOptions,
): AppOptions {
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
    newEventId,
  });
  const mailAcceptor = new MailAcceptor({
    addresses: new DirectoryInboundAddresses(connections.directory),
    // Events must not wait behind mail: a request to Kafka with 10 MiB takes its time.
    log: new KafkaMailLog(connections.addProducer({ ...PRODUCE, maxPendingBytes: mailMemoryBytes })),
    domain: smtp.domain,
    now: Date.now,
    newEventId,
  });
  const memory = new MailMemory(mailMemoryBytes);
  const report = new SmtpReport(metrics, logger);
  const smtpDoor = new SmtpDoor({ ...smtp, host }, { acceptor: mailAcceptor, memory, report });
  const module: DynamicModule = {
    module: IngestModule,
    controllers: [EventsController, InboundController],
    providers: [
      RequestBodies,
      OtherMethods,
      { provide: Acceptor, useValue: acceptor },
      { provide: MailAcceptor, useValue: mailAcceptor },
      { provide: MailMemory, useValue: memory },
      { provide: SmtpDoor, useValue: smtpDoor },
      { provide: KafkaConnections, useValue: connections },
      { provide: PublishReport, useValue: new PublishReport(metrics, logger) },
      { provide: Readiness, useValue: readiness },
    ],
  };
  const beforeWork = async () => {
    await connections.open();
    await smtpDoor.open();
  };
  return { module, host, port, beforeWork };
}
