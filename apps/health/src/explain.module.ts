import { type DynamicModule, Module } from "@nestjs/common";
import type { Database } from "@waggle/postgres";
import { Events } from "./explain/events";
import { GrpcEventsController } from "./in/grpc/events.controller";
import { EventsController } from "./in/http/events.controller";
import { PostgresEventReader } from "./out/explain/event-reader.postgres";

@Module({})
class ExplainModule {}

/** Wires questions about events: HTTP in, explain, PostgreSQL out. */
export function explainModule({ database }: { readonly database: Database }): DynamicModule {
  return {
    module: ExplainModule,
    controllers: [EventsController, GrpcEventsController],
    providers: [{ provide: Events, useValue: new Events(new PostgresEventReader(database), Date.now) }],
  };
}
