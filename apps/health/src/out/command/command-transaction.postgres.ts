import { encodeDelivery } from "@waggle/contracts";
import { appendToOutbox, nextVersions, rememberSuperseded, WebhookEntity } from "@waggle/postgres";
import type { EntityManager } from "typeorm";
import { z } from "zod";
import type { CommandTransaction, HeldWebhook, KeptDelivery, NewRound } from "../../command/ports";
import type { AuditEntry } from "../../manage/audit/audit-entry";
import { deliveryEntry } from "../../observe/log-entry";
import { recordDeliveries } from "../../observe/record-entries";
import { putAudit } from "../manage/audit-log.postgres";
import { announceSuperseded } from "../manage/directory-records.postgres";
import { DELIVERY_COLUMNS, deliverySchema } from "../observe/log-reader.postgres";
import { PostgresLogTransaction } from "../observe/log-transaction.postgres";
import { rendered } from "./rendered-body";

/** A delivery that was never sent has no body: it is rendered from what was accepted, to the same bytes as by the router. */
const keptSchema = z.array(
  deliverySchema
    .extend({ body: z.string().nullable(), event: z.string().nullable(), message: z.string().nullable() })
    .transform(({ body, event, message, ...delivery }): KeptDelivery => {
      const begun = body !== null || delivery.attempt_count > 0;
      return { ...delivery, begun, body: body ?? rendered(delivery, { event, message }) };
    }),
);

/** Bodies are read beside the lock: PostgreSQL locks no row of an outer join's other side. */
const WITH_BODIES = `SELECT locked.*, delivery_bodies.body, CASE WHEN delivery_bodies.body IS NULL THEN (
    SELECT events.body FROM events WHERE events.event_id = locked.event_id AND events.tenant_id = locked.tenant_id
    ORDER BY events.accepted_at LIMIT 1
  ) END AS event, CASE WHEN delivery_bodies.body IS NULL AND locked.event_type = 'inbound' THEN (
    SELECT message FROM inbound_messages
    WHERE inbound_messages.event_id = locked.event_id AND inbound_messages.tenant_id = locked.tenant_id
      AND inbound_messages.accepted_at = locked.accepted_at
  ) END AS message
  FROM locked LEFT JOIN delivery_bodies USING (delivery_id, accepted_at)
  ORDER BY accepted_at, delivery_id`;

/** The deliveries that `locking` answers with, whole rows of them, with their bodies; oldest first. */
export async function readKept(manager: EntityManager, locking: string, values: unknown[]): Promise<KeptDelivery[]> {
  return keptSchema.parse(await manager.query(`WITH locked AS (${locking}) ${WITH_BODIES}`, values));
}

/** Commands in one PostgreSQL transaction. Rows are locked in the order webhook, then deliveries as the log does. */
export class PostgresCommandTransaction implements CommandTransaction {
  constructor(
    protected readonly manager: EntityManager,
    private readonly now: () => number,
  ) {}

  holdWebhook(id: string): Promise<HeldWebhook | null> {
    return this.manager.findOne(WebhookEntity, { where: { id }, lock: { mode: "pessimistic_read" } });
  }

  async lockDelivery(id: string): Promise<KeptDelivery | null> {
    const sql = `SELECT ${DELIVERY_COLUMNS} FROM deliveries WHERE delivery_id = $1 FOR UPDATE`;
    return (await readKept(this.manager, sql, [id]))[0] ?? null;
  }

  async beginRounds(rounds: readonly NewRound[]): Promise<void> {
    if (rounds.length === 0) return;
    const entries = rounds.flatMap(({ record }) => deliveryEntry(record) ?? []);
    await recordDeliveries(new PostgresLogTransaction(this.manager), entries);
    await this.supersede(rounds.filter(({ supersedes }) => supersedes));
    const versions = await nextVersions(this.manager, rounds.length);
    await appendToOutbox(
      this.manager,
      versions.flatMap((version, index) => {
        const record = rounds[index]?.record;
        return record === undefined ? [] : [{ ...encodeDelivery(record), version }];
      }),
    );
  }

  recordAudit(entry: AuditEntry): Promise<void> {
    return putAudit(this.manager, entry);
  }

  private async supersede(rounds: readonly NewRound[]): Promise<void> {
    const superseded = rounds.map(({ record }) => ({ delivery_id: record.delivery_id, min_round: record.round }));
    await rememberSuperseded(this.manager, superseded, this.now());
    await announceSuperseded(this.manager, superseded);
  }
}
