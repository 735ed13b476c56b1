import { type AttemptRecord, type DeliveryRecord, encodeEmailEvent } from "@waggle/contracts";
import type { EmailEvent } from "@waggle/domain";
import type { Database } from "@waggle/postgres";
import { received } from "@waggle/testing";
import { eventEntry } from "../../../apps/health/src/observe/event-entry";
import { dayOf } from "../../../apps/health/src/observe/log-days";
import { attemptEntry, deliveryEntry } from "../../../apps/health/src/observe/log-entry";
import type { LoggedDeliveryDetail } from "../../../apps/health/src/observe/logged-delivery";
import { recordAttempts, recordDeliveries } from "../../../apps/health/src/observe/record-entries";
import { PostgresDeliveryReader } from "../../../apps/health/src/out/observe/log-reader.postgres";
import { PostgresDeliveryLog } from "../../../apps/health/src/out/observe/log-store.postgres";

/** The log's store and reader over one database, without Kafka: each call is one batch. */
export function openLog(database: Database, now: () => number = Date.now) {
  let counted = 0;
  const log = new PostgresDeliveryLog(database, { inc: (rows?: unknown) => (counted += Number(rows)) });
  const reader = new PostgresDeliveryReader(database, { now, retentionDays: 30 });
  return {
    log,
    reader,
    /** What the metric says. */
    counted: () => counted,
    async deliveries(...records: DeliveryRecord[]): Promise<void> {
      await log.makeDays(records.map(({ accepted_at }) => dayOf(accepted_at)));
      const entries = records.flatMap((record) => deliveryEntry(record) ?? []);
      await log.transaction((transaction) => recordDeliveries(transaction, entries));
    },
    async attempts(...records: AttemptRecord[]): Promise<void> {
      await log.makeDays(records.map(({ accepted_at }) => dayOf(accepted_at)));
      await log.transaction((transaction) => recordAttempts(transaction, records.map(attemptEntry)));
    },
    async events(...events: EmailEvent[]): Promise<void> {
      await log.makeDays(events.map(({ accepted_at }) => dayOf(accepted_at)));
      const entries = events.map((event) => eventEntry(received(encodeEmailEvent(event))));
      await log.transaction((transaction) => transaction.insertEvents(entries));
    },
    async one(deliveryId: string): Promise<LoggedDeliveryDetail> {
      const delivery = await reader.one(deliveryId, null);
      if (!delivery) throw new Error(`${deliveryId} is not in the log`);
      return delivery;
    },
  };
}

export type OpenLog = ReturnType<typeof openLog>;
