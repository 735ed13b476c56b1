import { type DynamicModule, Module } from "@nestjs/common";
import type { Database } from "@waggle/postgres";
import { GrpcStatisticsController } from "./in/grpc/statistics.controller";
import { StatisticsController } from "./in/http/statistics.controller";
import { Statistics } from "./observe/statistics/statistics";
import { PostgresStatisticsReader } from "./out/observe/statistics-reader.postgres";

@Module({})
class StatisticsModule {}

/** Wires what people ask about a webhook's attempts. They are folded with the log: see `observeModule`. */
export function statisticsModule(options: {
  readonly database: Database;
  readonly timeScale: number;
  readonly retentionDays: number;
}): DynamicModule {
  const { database, timeScale, retentionDays } = options;
  const reader = new PostgresStatisticsReader(database, { now: Date.now, retentionDays });
  return {
    module: StatisticsModule,
    controllers: [StatisticsController, GrpcStatisticsController],
    providers: [{ provide: Statistics, useValue: new Statistics({ reader, timeScale, now: Date.now }) }],
  };
}
