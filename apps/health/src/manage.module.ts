import { type DynamicModule, Module } from "@nestjs/common";
import { createDnsLookup, createEgressPolicy } from "@waggle/egress";
import { createSecretBox } from "@waggle/secrets";
import { Readiness, type Service, sameToken } from "@waggle/service";
import { Counter } from "prom-client";
import { GrpcApiKeysController } from "./in/grpc/api-keys.controller";
import { GrpcChangesController } from "./in/grpc/changes.controller";
import { GrpcInboundAddressesController } from "./in/grpc/inbound-addresses.controller";
import { RPC_LOGGER } from "./in/grpc/rpc-problem.filter";
import { GrpcSecretsController } from "./in/grpc/secrets.controller";
import { GrpcTenantsController } from "./in/grpc/tenants.controller";
import { GrpcWebhooksController } from "./in/grpc/webhooks.controller";
import { ApiKeysController } from "./in/http/api-keys.controller";
import { InboundAddressesController } from "./in/http/inbound-addresses.controller";
import { SecretRotationController } from "./in/http/secret-rotation.controller";
import { TenantsController } from "./in/http/tenants.controller";
import { WebhookHistoryController } from "./in/http/webhook-history.controller";
import { WebhooksController } from "./in/http/webhooks.controller";
import { BackgroundWork } from "./in/runners/background-work";
import { KeyUsesRunner } from "./in/runners/key-uses-runner";
import { RelayRunner } from "./in/runners/relay-runner";
import { RepeatedWork } from "./in/runners/repeated-work";
import { ApiKeys } from "./manage/api-keys/api-keys";
import type { KeyUses } from "./manage/api-keys/key-uses";
import { Authenticator } from "./manage/authenticator";
import { Idempotency } from "./manage/idempotency/idempotency";
import { InboundAddresses } from "./manage/inbound-addresses/inbound-addresses";
import { Doorkeeper } from "./manage/rate-limits/doorkeeper";
import type { RateLimit } from "./manage/rate-limits/token-buckets";
import { Relay } from "./manage/relay/relay";
import { SecretExpiry } from "./manage/secrets/secret-expiry";
import { SecretRotation } from "./manage/secrets/secret-rotation";
import type { TenantLimits } from "./manage/tenant-limits";
import { Tenants } from "./manage/tenants/tenants";
import { WebhookHistory } from "./manage/webhooks/webhook-history";
import { Webhooks } from "./manage/webhooks/webhooks";
import type { HealthConnections } from "./out/health-connections";
import { PostgresDirectorySource } from "./out/manage/directory-source.postgres";
import { KafkaDirectoryTopic } from "./out/manage/directory-topic.kafka";
import type { CountDisabled } from "./out/manage/disable-counter";
import { PostgresExpiredSecrets } from "./out/manage/expired-secrets.postgres";
import { PostgresKeptAnswers } from "./out/manage/kept-answers.postgres";
import { registerManagementGauges } from "./out/manage/management-gauges";
import { PostgresManagementStore } from "./out/manage/management-store.postgres";
import { PostgresOutbox } from "./out/manage/outbox.postgres";
import { KafkaRecordPublisher } from "./out/manage/record-publisher.kafka";
import { PostgresRelayLeadership } from "./out/manage/relay-leadership.postgres";
import { ServiceRelayMonitor } from "./out/manage/relay-monitor.service";

export interface ManageOptions {
  readonly service: Service;
  readonly connections: HealthConnections;
  readonly databaseUrl: string;
  readonly adminToken: string;
  /** `kid:base64(32 bytes),…`. */
  readonly secretsKeys: string;
  readonly allowHttpUrls: boolean;
  readonly allowedPrivateCidrs: readonly string[];
  readonly limits: TenantLimits;
  /** What stands behind the @ of inbound addresses. */
  readonly inboundDomain: string;
  /** Of requests, per API key. */
  readonly rateLimit: RateLimit;
  /** CIDRs. */
  readonly trustedProxies: readonly string[];
  readonly onDisabled: CountDisabled;
  readonly keyUses: KeyUses;
}

/** How often replaced secrets are looked for whose overlap is over. */
const EXPIRED_SECRETS_EVERY_MS = 10_000;

/** Kept answers are of no use after a day, and looking for them costs little. */
const FORGET_EVERY_MS = 600_000;

@Module({})
class ManageModule {}

/** Wires management: HTTP in, manage, PostgreSQL out; and the relay from the outbox to Kafka. */
export function manageModule(options: ManageOptions): DynamicModule {
  const { service, connections, databaseUrl, adminToken, limits, rateLimit, onDisabled, keyUses } = options;
  const { logger, metrics, readiness } = service;
  const { database, kafka, producer } = connections;
  const now = Date.now;
  const store = new PostgresManagementStore(database);
  const box = createSecretBox(options.secretsKeys);
  const blocked = new Counter({
    name: "waggle_blocked_addresses_total",
    help: "Addresses, names and ports refused, by the gate that did",
    labelNames: ["stage"],
    registers: [metrics],
  });
  const egress = {
    policy: createEgressPolicy({ ...options, onRefused: (stage) => blocked.inc({ stage }) }),
    resolve: createDnsLookup(),
  };
  const relay = new Relay({
    leadership: new PostgresRelayLeadership(databaseUrl),
    outbox: new PostgresOutbox(database),
    source: new PostgresDirectorySource(database, now),
    topic: new KafkaDirectoryTopic(kafka, logger),
    publisher: new KafkaRecordPublisher(producer),
    monitor: new ServiceRelayMonitor(logger, readiness.require("relay")),
    now,
  });
  const isAdminToken = (token: string) => sameToken(token, adminToken);
  const authenticator = new Authenticator({ store, isAdminToken, uses: keyUses, now });
  const doorkeeper = new Doorkeeper({
    authenticator,
    limit: rateLimit,
    trustedProxies: options.trustedProxies,
    clock: () => performance.now(),
  });
  const idempotency = new Idempotency({ answers: new PostgresKeptAnswers(database), box, now });
  const forgetting = new RepeatedWork({
    work: () => idempotency.forget(),
    everyMs: FORGET_EVERY_MS,
    failed: "idempotency.forget_failed",
    logger,
  });
  const webhooks = new Webhooks({ store, box, egress, limits, onDisabled, now });
  const expiry = new SecretExpiry(new PostgresExpiredSecrets(database), now);
  const expiryWork = new RepeatedWork({
    work: () => expiry.sweep(),
    everyMs: EXPIRED_SECRETS_EVERY_MS,
    failed: "secrets.sweep_failed",
    logger,
  });
  registerManagementGauges(metrics, database, now);
  return {
    module: ManageModule,
    // Every part of the app judges its callers by the same tokens.
    global: true,
    exports: [Authenticator, Doorkeeper, Idempotency, KeyUsesRunner, Readiness, RelayRunner, RPC_LOGGER],
    controllers: [
      TenantsController,
      ApiKeysController,
      InboundAddressesController,
      WebhooksController,
      SecretRotationController,
      WebhookHistoryController,
      GrpcTenantsController,
      GrpcApiKeysController,
      GrpcInboundAddressesController,
      GrpcWebhooksController,
      GrpcSecretsController,
      GrpcChangesController,
    ],
    providers: [
      { provide: Authenticator, useValue: authenticator },
      { provide: Doorkeeper, useValue: doorkeeper },
      { provide: Idempotency, useValue: idempotency },
      { provide: Readiness, useValue: readiness },
      { provide: RPC_LOGGER, useValue: logger },
      { provide: Tenants, useValue: new Tenants({ store, box, now }) },
      { provide: ApiKeys, useValue: new ApiKeys({ store, limits, now }) },
      {
        provide: InboundAddresses,
        useValue: new InboundAddresses({ store, limits, domain: options.inboundDomain, now }),
      },
      { provide: Webhooks, useValue: webhooks },
      { provide: WebhookHistory, useValue: new WebhookHistory(store, webhooks) },
      { provide: SecretRotation, useValue: new SecretRotation({ store, box, now }) },
      { provide: BackgroundWork, useValue: new BackgroundWork([forgetting, expiryWork]) },
      { provide: RelayRunner, useValue: new RelayRunner(relay) },
      { provide: KeyUsesRunner, useValue: new KeyUsesRunner(keyUses, logger) },
    ],
  };
}
