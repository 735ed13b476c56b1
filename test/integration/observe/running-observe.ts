import { tmpdir } from "node:os";
import { join } from "node:path";
import { Global, Module } from "@nestjs/common";
import type { NestFastifyApplication } from "@nestjs/platform-fastify";
import { TOPICS } from "@waggle/contracts";
import { WaggleError } from "@waggle/domain";
import { BatchingProducer, createKafka, ensureTopics } from "@waggle/kafka";
import { Database } from "@waggle/postgres";
import { createService, Readiness, runApp, type Service } from "@waggle/service";
import { testBrokers } from "@waggle/testing";
import { RPC_LOGGER } from "../../../apps/health/src/in/grpc/rpc-problem.filter";
import { LogTransports } from "../../../apps/health/src/in/kafka/log-transports";
import { inboundModule } from "../../../apps/health/src/inbound.module";
import { KeyUses } from "../../../apps/health/src/manage/api-keys/key-uses";
import { Authenticator } from "../../../apps/health/src/manage/authenticator";
import type { Caller } from "../../../apps/health/src/manage/caller";
import { Doorkeeper } from "../../../apps/health/src/manage/rate-limits/doorkeeper";
import type { Blobs } from "../../../apps/health/src/observe/inbound/ports";
import { observeModule } from "../../../apps/health/src/observe.module";
import { FolderBlobs } from "../../../apps/health/src/out/mail/blobs.folder";
import { registerDisableCounter } from "../../../apps/health/src/out/manage/disable-counter";
import { PostgresKeyUses } from "../../../apps/health/src/out/manage/key-uses.postgres";
import { LogKeeper } from "../../../apps/health/src/out/observe/log-keeper.postgres";

/** Who asks, by token. The tokens themselves are tested with management. */
export const CALLERS: Readonly<Record<string, Caller>> = {
  operator: { kind: "operator" },
  one: { kind: "api_key", key_id: "key_1", tenant_id: "ten_1", scopes: ["manage"] },
  two: { kind: "api_key", key_id: "key_2", tenant_id: "ten_2", scopes: ["manage"] },
  publisher: { kind: "api_key", key_id: "key_3", tenant_id: "ten_1", scopes: ["publish"] },
};

/** A thread cannot run from source: `npm run build` makes this one. */
const MAIL_WORKER = join(__dirname, "../../../dist/apps/health/src/out/mail/read-mail.worker.js");

/** Limits are tested with management too. */
const UNLIMITED = { perSecond: 1_000_000, burst: 1_000_000 };

export interface ObserveApp {
  readonly url: string;
  readonly service: Service;
  counted(name: string): Promise<number>;
  stop(): Promise<void>;
}

/** The observing half of health as its main.ts starts it, on the test run's Kafka. */
export async function runObserve(options: {
  readonly databaseUrl: string;
  readonly group: string;
  readonly retentionDays?: number;
  readonly blobs?: Blobs;
}): Promise<ObserveApp> {
  const { databaseUrl, group, retentionDays = 30, blobs = new FolderBlobs(join(tmpdir(), group)) } = options;
  const service = createService("health", { logLevel: "silent" });
  const { logger } = service;
  const kafka = createKafka({ brokers: testBrokers(), ssl: false, sasl: null, clientId: group, logger });
  await ensureTopics(kafka, TOPICS, 1);
  const producer = new BatchingProducer({ kafka, logger });
  const database = new Database({ url: databaseUrl, logger });
  const onDisabled = registerDisableCounter(service.metrics);
  const keyUses = new KeyUses({ uses: new PostgresKeyUses(database), now: Date.now });
  const observe = observeModule({
    service,
    kafka,
    producer,
    databaseUrl,
    database,
    retentionDays,
    blobs,
    mailWorker: MAIL_WORKER,
    group,
    onDisabled,
    keyUses,
  });

  @Global()
  @Module({
    providers: [
      { provide: Authenticator, useValue: { authenticate } },
      {
        provide: Doorkeeper,
        useValue: new Doorkeeper({
          authenticator: { authenticate },
          limit: UNLIMITED,
          trustedProxies: [],
          clock: Date.now,
        }),
      },
      { provide: RPC_LOGGER, useValue: logger },
      { provide: Readiness, useValue: service.readiness },
    ],
    exports: [Authenticator, Doorkeeper, RPC_LOGGER, Readiness],
  })
  class CallersModule {}

  @Module({ imports: [CallersModule, observe, inboundModule({ service, database, blobs, retentionDays })] })
  class ObserveTestModule {}

  const app: NestFastifyApplication = await runApp(service, {
    module: ObserveTestModule,
    host: "127.0.0.1",
    port: 0,
    beforeWork: (it) => it.get(LogKeeper).start(),
    transports: (it) => it.get(LogTransports).servers,
  });
  return {
    url: await app.getUrl(),
    service,
    counted: async (name) => (await service.metrics.getSingleMetric(name)?.get())?.values[0]?.value ?? 0,
    stop: async () => {
      await app.close();
      await producer.disconnect();
      await database.close();
    },
  };
}

async function authenticate(token: string): Promise<Caller> {
  const caller = CALLERS[token];
  if (!caller) throw new WaggleError("unauthorized", "unknown token");
  return caller;
}
