import { type DynamicModule, Module } from "@nestjs/common";
import { newId, sha256Hex } from "@waggle/secrets";
import { Requeues } from "./command/requeues";
import { WebhookTests } from "./command/webhook-tests";
import { RequeueController } from "./in/requeue.controller";
import { StopSignal } from "./in/stop-signal";
import { WebhookTestsController } from "./in/webhook-tests.controller";
import { pause } from "./manage/relay/pause";
import { PostgresCommandStore } from "./out/command-store.postgres";
import type { HealthConnections } from "./out/health-connections";
import { PostgresDeliveryReader } from "./out/log-reader.postgres";

export interface CommandOptions {
  readonly connections: HealthConnections;
}

@Module({})
class CommandModule {}

/** Wires commands about deliveries: HTTP in, command, PostgreSQL out; the relay carries them to Kafka. */
export function commandModule({ connections }: CommandOptions): DynamicModule {
  const now = Date.now;
  const { database } = connections;
  const store = new PostgresCommandStore(database, now);
  const reader = new PostgresDeliveryReader(database, now);
  const stop = new StopSignal();
  const tests = new WebhookTests({
    store,
    reader,
    sha256: sha256Hex,
    newEventId: (at) => newId("evt", at),
    now,
    pause: (ms) => pause(ms, stop.signal),
    isStopping: () => stop.signal.aborted,
  });
  return {
    module: CommandModule,
    controllers: [RequeueController, WebhookTestsController],
    providers: [
      { provide: Requeues, useValue: new Requeues({ store, reader, now }) },
      { provide: WebhookTests, useValue: tests },
      { provide: StopSignal, useValue: stop },
    ],
  };
}
