/**
 * PostgreSQL for waggle: tables and migrations, units of work with a limit, the outbox, advisory locks.
 * Times in rows are milliseconds since the epoch.
 */
export { Database, type DatabaseLogger, type DatabaseOptions } from "./database";
export { databaseUnavailable, sqlState, statementTimedOut, tookTooLong } from "./database-errors";
export { LockSession, type LockSessionOptions } from "./lock-session";
export { arrayLiteral, type BulkColumn, type BulkInsert, bulkInsert } from "./log/bulk-insert";
export { dropLogDay, logDaysBefore, makeLogDays } from "./log/log-days";
export { ApiKeyEntity, type ApiKeyRow } from "./management/api-key.entity";
export { InboundAddressEntity, type InboundAddressRow } from "./management/inbound-address.entity";
export { SecretEntity, type SecretRow } from "./management/secret.entity";
export { TenantEntity, type TenantRow } from "./management/tenant.entity";
export { WebhookEntity, type WebhookRow } from "./management/webhook.entity";
export {
  type DirectoryDeletion,
  forgetDeletions,
  listDeletions,
  lockDeletions,
  rememberDeletions,
} from "./outbox/directory-deletions";
export {
  appendToOutbox,
  nextVersions,
  OUTBOX_CHANNEL,
  type OutboxBatch,
  type OutboxRecord,
  oldestInOutbox,
  outboxWaitingSince,
  raiseVersionsAbove,
  removeFromOutbox,
} from "./outbox/outbox";
export {
  forgetSuperseded,
  lockSuperseded,
  rememberSuperseded,
  type SupersededRounds,
  supersededAmong,
} from "./outbox/superseded-rounds";
export { runMigrations } from "./run-migrations";
