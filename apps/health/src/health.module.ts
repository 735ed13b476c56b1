import { type DynamicModule, Injectable, Module, type OnApplicationShutdown } from "@nestjs/common";
import {
  type AppOptions,
  BLOB_VARIABLES,
  type Config,
  EGRESS_VARIABLES,
  GRPC_VARIABLES,
  KAFKA_VARIABLES,
  kafkaConnection,
  LIMIT_VARIABLES,
  SERVICE_VARIABLES,
  type Service,
} from "@waggle/service";
import { auditModule } from "./audit.module";
import { commandModule } from "./command.module";
import { explainModule } from "./explain.module";
import { grpcModule } from "./grpc.module";
import { GrpcServer } from "./in/grpc/grpc-server";
import { JsonBodies } from "./in/http/json-bodies";
import { LogTransports } from "./in/kafka/log-transports";
import { BackgroundWork } from "./in/runners/background-work";
import { KeyUsesRunner } from "./in/runners/key-uses-runner";
import { RelayRunner } from "./in/runners/relay-runner";
import { inboundModule } from "./inbound.module";
import { liveModule } from "./live.module";
import { KeyUses } from "./manage/api-keys/key-uses";
import { manageModule } from "./manage.module";
import { observeModule } from "./observe.module";
import { OpenApiModule } from "./openapi.module";
import { HealthConnections } from "./out/health-connections";
import { blobStore } from "./out/mail/blob-store";
import { registerDisableCounter } from "./out/manage/disable-counter";
import { PostgresKeyUses } from "./out/manage/key-uses.postgres";
import { LogKeeper } from "./out/observe/log-keeper.postgres";
import { statisticsModule } from "./statistics.module";

export const HEALTH_VARIABLES = [
  ...SERVICE_VARIABLES,
  ...KAFKA_VARIABLES,
  ...EGRESS_VARIABLES,
  "HEALTH_PORT",
  ...GRPC_VARIABLES,
  "DATABASE_URL",
  "ADMIN_TOKEN",
  "SECRETS_KEYS",
  ...LIMIT_VARIABLES,
  "INBOUND_DOMAIN",
  ...BLOB_VARIABLES,
  "RETENTION_DAYS",
  "AUDIT_RETENTION_DAYS",
  "TIME_SCALE",
  "SMTP_ALERT_URL",
  "ALERT_FROM",
] as const;

/** Stops what writes before what it writes to. */
@Injectable()
class Lifetime implements OnApplicationShutdown {
  constructor(
    private readonly relay: RelayRunner,
    private readonly connections: HealthConnections,
  ) {}

  /** Nest calls this once the HTTP server has answered its last request and the consumers have left their groups. */
  async onApplicationShutdown(): Promise<void> {
    await this.relay.stop();
    await this.connections.close();
  }
}

@Module({})
class HealthModule {}

/** Wires health: what people manage, and what they ask about. */
export function healthApp(service: Service, config: Config<(typeof HEALTH_VARIABLES)[number]>): AppOptions {
  const databaseUrl = config.DATABASE_URL;
  const connections = new HealthConnections(service, { kafka: kafkaConnection(config), databaseUrl });
  const { kafka, producer, database } = connections;
  const blobs = blobStore(config);
  const onDisabled = registerDisableCounter(service.metrics);
  const keyUses = new KeyUses({ uses: new PostgresKeyUses(database), now: Date.now });
  const module: DynamicModule = {
    module: HealthModule,
    imports: [
      manageModule({
        service,
        connections,
        databaseUrl,
        adminToken: config.ADMIN_TOKEN,
        secretsKeys: config.SECRETS_KEYS,
        allowHttpUrls: config.ALLOW_HTTP_URLS,
        allowedPrivateCidrs: config.ALLOWED_PRIVATE_CIDRS,
        rateLimit: { perSecond: config.RATE_LIMIT_PER_SECOND, burst: config.RATE_LIMIT_BURST },
        trustedProxies: config.TRUSTED_PROXIES,
        limits: {
          webhooks: config.MAX_WEBHOOKS_PER_TENANT,
          api_keys: config.MAX_API_KEYS_PER_TENANT,
          inbound_addresses: config.MAX_INBOUND_ADDRESSES_PER_TENANT,
        },
        inboundDomain: config.INBOUND_DOMAIN,
        onDisabled,
        keyUses,
      }),
      auditModule({ service, database, retentionDays: config.AUDIT_RETENTION_DAYS }),
      commandModule({ service, connections, retentionDays: config.RETENTION_DAYS }),
      observeModule({
        service,
        kafka,
        producer,
        database,
        databaseUrl,
        blobs,
        retentionDays: config.RETENTION_DAYS,
        onDisabled,
        keyUses,
        judging: {
          timeScale: config.TIME_SCALE,
          alerts: { url: config.SMTP_ALERT_URL, from: config.ALERT_FROM },
        },
      }),
      inboundModule({ service, database, blobs, retentionDays: config.RETENTION_DAYS }),
      explainModule({ database }),
      liveModule({ service, kafka, database }),
      grpcModule(config),
      statisticsModule({ database, timeScale: config.TIME_SCALE, retentionDays: config.RETENTION_DAYS }),
      OpenApiModule,
    ],
    providers: [JsonBodies, Lifetime, { provide: HealthConnections, useValue: connections }],
  };
  return {
    module,
    host: config.BIND_HOST,
    port: config.HEALTH_PORT,
    async beforeWork(app) {
      await connections.open();
      app.get(RelayRunner).start();
      await app.get(LogKeeper).start();
      app.get(KeyUsesRunner).start();
      for (const work of app.get(BackgroundWork, { each: true })) work.start();
    },
    transports: (app) => [...app.get(LogTransports).servers, app.get(GrpcServer)],
  };
}
