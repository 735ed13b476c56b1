import { type DynamicModule, Module } from "@nestjs/common";
import { newId, sha256Hex } from "@waggle/secrets";
import type { Service } from "@waggle/service";
import { EndedDeliveries } from "./command/ended-deliveries";
import { Recoveries } from "./command/recover/recoveries";
import { RecoveryWork } from "./command/recover/recovery-work";
import { Requeues } from "./command/requeues";
import { WebhookTests } from "./command/webhook-tests";
import { GrpcCommandsController } from "./in/grpc/commands.controller";
import { RecoveriesController } from "./in/http/recoveries.controller";
import { RequeueController } from "./in/http/requeue.controller";
import { WebhookTestsController } from "./in/http/webhook-tests.controller";
import { LOG_GROUP, logReads } from "./in/kafka/log-transports";
import { BackgroundWork } from "./in/runners/background-work";
import { RepeatedWork } from "./in/runners/repeated-work";
import { StopSignal } from "./in/runners/stop-signal";
import { pause } from "./manage/relay/pause";
import { PostgresCommandStore } from "./out/command/command-store.postgres";
import { PostgresDeliveryEnds } from "./out/command/delivery-ends.postgres";
import { KafkaLogProgress } from "./out/command/log-progress.kafka";
import { PostgresRecoveryStore } from "./out/command/recovery-store.postgres";
import type { HealthConnections } from "./out/health-connections";
import { PostgresDeliveryReader } from "./out/observe/log-reader.postgres";

export interface CommandOptions {
  readonly service: Service;
  readonly connections: HealthConnections;
  readonly retentionDays: number;
}

/** A recovery's webhook is given more this often, as far as it has room. */
const RECOVER_EVERY_MS = 500;

@Module({})
class CommandModule {}

/** Wires commands about deliveries: HTTP in, command, PostgreSQL out; the relay carries them to Kafka. */
export function commandModule({ service, connections, retentionDays }: CommandOptions): DynamicModule {
  const now = Date.now;
  const { logger } = service;
  const { database, kafka } = connections;
  const store = new PostgresCommandStore(database, now);
  const reader = new PostgresDeliveryReader(database, { now, retentionDays });
  const recoveryStore = new PostgresRecoveryStore(database, now);
  const stop = new StopSignal();
  const isStopping = () => stop.signal.aborted;
  const waiting = { pause: (ms: number) => pause(ms, stop.signal), isStopping };
  const requeues = new Requeues({ store, reader, now, ...waiting });
  const tests = new WebhookTests({
    store,
    reader,
    sha256: sha256Hex,
    newEventId: (at) => newId("evt", at),
    ended: new EndedDeliveries({ ends: new PostgresDeliveryEnds(database), now, ...waiting }),
    now,
  });
  const recoveries = new Recoveries({ store: recoveryStore, newId: (at) => newId("rcv", at), now });
  const progress = new KafkaLogProgress(kafka, logReads(LOG_GROUP), now);
  const recoveryWork = new RecoveryWork({ store: recoveryStore, log: progress, logger, now, isStopping });
  const repeatedly = new RepeatedWork({
    work: () => recoveryWork.advance(),
    everyMs: RECOVER_EVERY_MS,
    failed: "recovery.failed",
    logger,
  });
  return {
    module: CommandModule,
    controllers: [RequeueController, WebhookTestsController, RecoveriesController, GrpcCommandsController],
    providers: [
      { provide: Requeues, useValue: requeues },
      { provide: WebhookTests, useValue: tests },
      { provide: Recoveries, useValue: recoveries },
      { provide: BackgroundWork, useValue: new BackgroundWork([repeatedly]) },
      { provide: KafkaLogProgress, useValue: progress },
      { provide: StopSignal, useValue: stop },
    ],
  };
}
