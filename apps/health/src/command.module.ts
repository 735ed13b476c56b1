import { type DynamicModule, Module } from "@nestjs/common";
import { Requeues } from "./command/requeues";
import { RequeueController } from "./in/requeue.controller";
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
  return {
    module: CommandModule,
    controllers: [RequeueController],
    providers: [{ provide: Requeues, useValue: new Requeues({ store, reader, now }) }],
  };
}
