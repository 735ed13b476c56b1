import { type DynamicModule, Module } from "@nestjs/common";
import type { Database } from "@waggle/postgres";
import type { Service } from "@waggle/service";
import { AuditLogController } from "./in/http/audit-log.controller";
import { BackgroundWork } from "./in/runners/background-work";
import { RepeatedWork } from "./in/runners/repeated-work";
import { AuditLog } from "./manage/audit/audit-log";
import { AuditRetention } from "./manage/audit/audit-retention";
import { PostgresAuditStore } from "./out/manage/audit-log.postgres";

export interface AuditOptions {
  readonly service: Service;
  readonly database: Database;
  readonly retentionDays: number;
}

/** Retention is told in days: an hour more or less is no matter. */
const SWEEP_EVERY_MS = 3_600_000;

@Module({})
class AuditModule {}

/** Wires the audit log as people read it, and its end. What is in it is written where the changes are made. */
export function auditModule({ service, database, retentionDays }: AuditOptions): DynamicModule {
  const { logger } = service;
  const store = new PostgresAuditStore(database);
  const retention = new AuditRetention({ store, retentionDays, now: Date.now, logger });
  const work = new RepeatedWork({
    work: () => retention.sweep(),
    everyMs: SWEEP_EVERY_MS,
    failed: "audit_log.sweep_failed",
    logger,
  });
  return {
    module: AuditModule,
    // Every door shows the same log.
    global: true,
    exports: [AuditLog],
    controllers: [AuditLogController],
    providers: [
      { provide: AuditLog, useValue: new AuditLog(store) },
      { provide: BackgroundWork, useValue: new BackgroundWork([work]) },
    ],
  };
}
