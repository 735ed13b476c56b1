import type { DeliveryIdentity } from "@waggle/contracts";
import type { EntityManager } from "typeorm";
import { z } from "zod";
import type { EventEntry } from "../../observe/event-entry";
import type { DeliveryChange } from "../../observe/fold";
import type { MessageEntry } from "../../observe/inbound/message-entry";
import type { AttemptEntry } from "../../observe/log-entry";
import type { DeliveryBody, LogTransaction } from "../../observe/ports";
import type { WebhookMinute } from "../../observe/statistics/webhook-minutes";
import type { WebhookStateChange } from "../../observe/statistics/webhook-state";
import {
  ATTEMPT_INSERT,
  BODY_INSERT,
  CLAIM_INSERT,
  DELIVERY_MERGE,
  EVENT_INSERT,
  MESSAGE_INSERT,
} from "./log-statements.postgres";
import { FAILURES_RECOUNT, MINUTE_ADD, STATE_MERGE } from "./statistics-statements.postgres";

const insertedSchema = z.array(z.object({ try_id: z.string() }));
const mergedSchema = z.array(z.object({ webhook_id: z.string(), uncounted: z.boolean() }));
const rowsSchema = z.array(z.object({ delivery_id: z.string(), accepted_at: z.date() }));

/** The log's tables in one PostgreSQL transaction. */
export class PostgresLogTransaction implements LogTransaction {
  /** Attempt rows this transaction has stored. */
  insertedAttempts = 0;

  constructor(private readonly manager: EntityManager) {}

  async insertAttempts(entries: readonly AttemptEntry[]): Promise<ReadonlySet<string>> {
    if (entries.length === 0) return new Set();
    const rows = insertedSchema.parse(
      await this.manager.query(ATTEMPT_INSERT.sql, ATTEMPT_INSERT.values(triesInTime(entries))),
    );
    this.insertedAttempts += rows.length;
    return new Set(rows.map(({ try_id }) => try_id));
  }

  async claimRows(identities: readonly DeliveryIdentity[]): Promise<ReadonlyMap<string, number>> {
    // Sorted, so that two transactions with the same ids never wait for each other.
    const sorted = [...identities].sort((a, b) => (a.delivery_id < b.delivery_id ? -1 : 1));
    await this.manager.query(CLAIM_INSERT.sql, CLAIM_INSERT.values(sorted));
    // By a statement of its own: one that waited for another transaction would not see what that has claimed.
    const rows: unknown = await this.manager.query(
      "SELECT delivery_id, accepted_at FROM publisher_deliveries WHERE delivery_id = ANY ($1)",
      [sorted.map(({ delivery_id }) => delivery_id)],
    );
    return new Map(rowsSchema.parse(rows).map(({ delivery_id, accepted_at }) => [delivery_id, accepted_at.getTime()]));
  }

  async mergeDeliveries(changes: readonly DeliveryChange[]): Promise<void> {
    if (changes.length === 0) return;
    await this.manager.query(DELIVERY_MERGE.sql, DELIVERY_MERGE.values(changes));
  }

  async insertBodies(bodies: readonly DeliveryBody[]): Promise<void> {
    if (bodies.length === 0) return;
    await this.manager.query(BODY_INSERT.sql, BODY_INSERT.values(bodies));
  }

  async addMinutes(minutes: readonly WebhookMinute[]): Promise<void> {
    if (minutes.length === 0) return;
    await this.manager.query(MINUTE_ADD.sql, MINUTE_ADD.values(minutes));
  }

  async mergeStates(changes: readonly WebhookStateChange[]): Promise<void> {
    if (changes.length === 0) return;
    const merged = mergedSchema.parse(await this.manager.query(STATE_MERGE.sql, STATE_MERGE.values(changes)));
    const uncounted = merged.filter((row) => row.uncounted).map(({ webhook_id }) => webhook_id);
    if (uncounted.length > 0) await this.manager.query(FAILURES_RECOUNT, [uncounted]);
  }

  async insertEvents(entries: readonly EventEntry[]): Promise<void> {
    if (entries.length === 0) return;
    await this.manager.query(EVENT_INSERT.sql, EVENT_INSERT.values(inTime(entries)));
  }

  async insertMessages(entries: readonly MessageEntry[]): Promise<void> {
    if (entries.length === 0) return;
    await this.manager.query(MESSAGE_INSERT.sql, MESSAGE_INSERT.values(inTime(entries)));
  }
}

/** In the order of their key, so that two transactions with the same tries never wait for each other. */
function triesInTime(entries: readonly AttemptEntry[]): AttemptEntry[] {
  return [...entries].sort(
    (a, b) =>
      a.identity.accepted_at - b.identity.accepted_at ||
      order(a.identity.delivery_id, b.identity.delivery_id) ||
      order(a.try_id, b.try_id),
  );
}

function order(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Sorted, so that two transactions with the same events never wait for each other. */
function inTime<Entry extends EventEntry>(entries: readonly Entry[]): Entry[] {
  return [...entries].sort(
    ({ identity: a }, { identity: b }) => a.accepted_at - b.accepted_at || (a.event_id < b.event_id ? -1 : 1),
  );
}
