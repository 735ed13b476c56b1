import { DataSource } from "typeorm";
import { ApiKeyEntity } from "./management/api-key.entity";
import { InboundAddressEntity } from "./management/inbound-address.entity";
import { SecretEntity } from "./management/secret.entity";
import { TenantEntity } from "./management/tenant.entity";
import { WebhookEntity } from "./management/webhook.entity";
import { MIGRATIONS } from "./migrations";

export interface DataSourceOptions {
  /** `postgres://…`; the user owns the schema. */
  readonly url: string;
  /** Connections at most. */
  readonly poolSize: number;
  /** Milliseconds to get a connection: a new one, or one that others give back. */
  readonly connectTimeoutMs: number;
  /** Milliseconds after which the server gives a statement up; 0: never. */
  readonly statementTimeoutMs: number;
  /** Told of idle connections that broke; they are replaced when needed. */
  readonly onConnectionLost: (error: unknown) => void;
}

/** A TypeORM data source over every table and migration, not yet connected. The schema changes by migrations only. */
export function createDataSource(options: DataSourceOptions): DataSource {
  return new DataSource({
    type: "postgres",
    url: options.url,
    applicationName: "waggle",
    synchronize: false,
    installExtensions: false,
    logging: false,
    entities: [TenantEntity, ApiKeyEntity, WebhookEntity, SecretEntity, InboundAddressEntity],
    migrations: MIGRATIONS,
    migrationsTableName: "schema_migrations",
    poolSize: options.poolSize,
    connectTimeoutMS: options.connectTimeoutMs,
    poolErrorHandler: options.onConnectionLost,
    extra: { keepAlive: true, statement_timeout: options.statementTimeoutMs },
  });
}
