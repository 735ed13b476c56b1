import { type DynamicModule, Module } from "@nestjs/common";
import type { BatchingProducer, KafkaBatchServerOptions } from "@waggle/kafka";
import { Database } from "@waggle/postgres";
import type { Service } from "@waggle/service";
import { Counter } from "prom-client";
import { GrpcDeliveriesController } from "./in/grpc/deliveries.controller";
import { LogController } from "./in/http/log.controller";
import { AttemptsConsumer } from "./in/kafka/attempts.consumer";
import { DeliveriesConsumer } from "./in/kafka/deliveries.consumer";
import { EventsConsumer } from "./in/kafka/events.consumer";
import { InboundConsumer } from "./in/kafka/inbound.consumer";
import { attemptsGroup, LOG_GROUP, LogTransports } from "./in/kafka/log-transports";
import { type JudgePolicy, judgeModule } from "./judge.module";
import { KeyUses } from "./manage/api-keys/key-uses";
import { Deliveries } from "./observe/deliveries";
import { MailArchive } from "./observe/inbound/mail-archive";
import type { Blobs } from "./observe/inbound/ports";
import { AttemptIntake, DeliveryIntake, EventIntake, MessageIntake } from "./observe/intakes";
import { LogDays } from "./observe/log-days";
import { DeadLetters } from "./observe/ports";
import { ThreadedMailReader } from "./out/mail/mail-reader.threads";
import type { CountDisabled } from "./out/manage/disable-counter";
import { KafkaDeadLetters } from "./out/observe/log-dead-letters.kafka";
import { LogKeeper } from "./out/observe/log-keeper.postgres";
import { PostgresDeliveryReader } from "./out/observe/log-reader.postgres";
import { PostgresDeliveryLog } from "./out/observe/log-store.postgres";

export interface ObserveOptions {
  readonly service: Service;
  readonly kafka: KafkaBatchServerOptions["kafka"];
  /** For dead letters. */
  readonly producer: Pick<BatchingProducer, "send">;
  readonly databaseUrl: string;
  /** Where people's questions are answered from. */
  readonly database: Database;
  readonly retentionDays: number;
  /** Where the source and the attachments of mail are kept. */
  readonly blobs: Blobs;
  /** The compiled thread that reads mail; by default the one beside the compiled app. */
  readonly mailWorker?: string | undefined;
  readonly onDisabled: CountDisabled;
  /** Learns of publications. */
  readonly keyUses: KeyUses;
  /** By default time runs as it does, and no mails are sent. */
  readonly judging?: JudgePolicy;
  /** What the consumer groups are called. Default `LOG_GROUP`. */
  readonly group?: string;
}

/** One connection per intake, which judges after it has stored, and one for the days: what people ask must never wait for a batch, nor the reverse. */
const WRITERS = 5;

/** Each has a thread of its own, which takes a core while it reads. */
const MESSAGES_AT_ONCE = 2;

/** Milliseconds a batch may take; a server that hangs is noticed after this long. */
const BATCH_LIMIT_MS = 15_000;

const REAL_TIME: JudgePolicy = { timeScale: 1, alerts: { url: "", from: "" } };

@Module({})
class ObserveModule {}

/** Wires the delivery log: Kafka in, observe and judge, PostgreSQL out; and the log as people read it. */
export function observeModule(options: ObserveOptions): DynamicModule {
  const { service, kafka, producer, databaseUrl: url, database, group = LOG_GROUP } = options;
  const { retentionDays, onDisabled, keyUses, judging = REAL_TIME } = options;
  const { logger, metrics } = service;
  const now = Date.now;
  const writers = new Database({ url, logger, poolSize: WRITERS, workLimitMs: BATCH_LIMIT_MS });
  const attemptRows = new Counter({
    name: "waggle_attempt_rows_total",
    help: "Attempts stored, each once",
    registers: [metrics],
  });
  const deadLetterCount = new Counter({
    name: "waggle_dead_letters_total",
    help: "Records that could not be decoded or processed, by reason",
    labelNames: ["reason"],
    registers: [metrics],
  });
  const log = new PostgresDeliveryLog(writers, attemptRows);
  const days = new LogDays({ log, retentionDays, now, logger });
  const deadLetters = new KafkaDeadLetters(producer, logger, deadLetterCount);
  const deliveries = new DeliveryIntake({ log, days, deadLetters, logger, now });
  const events = new EventIntake({ log, days, deadLetters, logger, now });
  const { judge, module: judgement } = judgeModule({
    ...judging,
    service,
    kafka,
    writers,
    database,
    assigned: () => transports.assigned,
    attemptsGroup: attemptsGroup(group),
    onDisabled,
  });
  const reader = new ThreadedMailReader({ logger, workerFile: options.mailWorker });
  const messages = new MessageIntake({ log, days, deadLetters, logger, now });
  const inbound = new MailArchive({ reader, blobs: options.blobs, sink: messages, logger, atOnce: MESSAGES_AT_ONCE });
  const attempts = new AttemptIntake({ log, days, deadLetters, logger, now, judge });
  const transports = new LogTransports({ service, kafka, group, deliveries, attempts, events, inbound });
  return {
    module: ObserveModule,
    imports: [judgement],
    controllers: [
      LogController,
      GrpcDeliveriesController,
      DeliveriesConsumer,
      AttemptsConsumer,
      EventsConsumer,
      InboundConsumer,
    ],
    providers: [
      { provide: Deliveries, useValue: new Deliveries(new PostgresDeliveryReader(database, { now, retentionDays })) },
      { provide: DeliveryIntake, useValue: deliveries },
      { provide: AttemptIntake, useValue: attempts },
      { provide: EventIntake, useValue: events },
      { provide: MailArchive, useValue: inbound },
      { provide: ThreadedMailReader, useValue: reader },
      { provide: KeyUses, useValue: keyUses },
      { provide: DeadLetters, useValue: deadLetters },
      { provide: LogTransports, useValue: transports },
      { provide: LogKeeper, useValue: new LogKeeper(days, writers) },
    ],
  };
}
