import { type DynamicModule, Module } from "@nestjs/common";
import type { TopicFollowerOptions } from "@waggle/kafka";
import type { Database } from "@waggle/postgres";
import type { Service } from "@waggle/service";
import { GrpcLiveController } from "./in/grpc/live.controller";
import { LiveController } from "./in/http/live.controller";
import { LiveAttempts } from "./live/live-attempts";
import { KafkaAttemptFeed } from "./out/live/attempt-feed.kafka";
import { PostgresWebhookOwners } from "./out/live/webhook-owners.postgres";

const LINGER_MS = 30_000;
const READY_LIMIT_MS = 5_000;

@Module({})
class LiveModule {}

/** Wires watching: attempts from Kafka, HTTP streams in, PostgreSQL to know whose webhooks are whose. */
export function liveModule(options: {
  readonly service: Service;
  readonly kafka: TopicFollowerOptions["kafka"];
  readonly database: Database;
}): DynamicModule {
  const { service, kafka, database } = options;
  const live = new LiveAttempts({
    feed: new KafkaAttemptFeed(kafka, service.logger, (reason) => service.readiness.fail(reason)),
    owners: new PostgresWebhookOwners(database),
    lingerMs: LINGER_MS,
    readyLimitMs: READY_LIMIT_MS,
  });
  return {
    module: LiveModule,
    controllers: [LiveController, GrpcLiveController],
    providers: [{ provide: LiveAttempts, useValue: live }],
  };
}
