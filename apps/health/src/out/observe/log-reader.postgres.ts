import {
  ATTEMPT_ERRORS,
  DELIVERY_STATUSES,
  DIALECTS,
  EVENT_TYPES,
  EXHAUSTED_REASONS,
  SKIPPED_REASONS,
  WaggleError,
} from "@waggle/domain";
import { type Database, statementTimedOut } from "@waggle/postgres";
import type { EntityManager } from "typeorm";
import { z } from "zod";
import { type Retention, shownSince } from "../../observe/log-days";
import type { LoggedAttempt, LoggedDelivery, LoggedDeliveryDetail } from "../../observe/logged-delivery";
import { type DeliveryFilter, type DeliveryPosition, DeliveryReader } from "../../observe/ports";
import { deliveryPage } from "./log-page.postgres";

const milliseconds = z.date().transform((date) => date.getTime());
const headers = z.record(z.string(), z.string());

/** A row of `deliveries`, as far as it is shown. */
export const deliverySchema = z.object({
  delivery_id: z.string(),
  accepted_at: milliseconds,
  tenant_id: z.string(),
  webhook_id: z.string(),
  event_id: z.string(),
  event_type: z.enum(EVENT_TYPES),
  email_id: z.string(),
  recipient: z.string(),
  tags: z.array(z.string()),
  dialect: z.enum(DIALECTS),
  publisher_id: z.boolean(),
  test: z.boolean(),
  round: z.number(),
  status: z.enum(DELIVERY_STATUSES),
  reason: z.enum([...EXHAUSTED_REASONS, ...SKIPPED_REASONS]).nullable(),
  next_attempt_at: milliseconds.nullable(),
  attempt_count: z.number(),
});

/** A row of `attempts`, as far as a delivery shows it. */
export const attemptSchema = z.object({
  round: z.number(),
  number: z.number(),
  at: milliseconds,
  duration_ms: z.number(),
  status_code: z.number().nullable(),
  error: z.enum(ATTEMPT_ERRORS).nullable(),
  request_headers: headers,
  response_headers: headers,
  response_body: z.string().nullable(),
  response_truncated: z.boolean(),
  next_attempt_at: milliseconds.nullable(),
});

export const DELIVERY_COLUMNS = Object.keys(deliverySchema.shape).join(", ");
export const ATTEMPT_COLUMNS = Object.keys(attemptSchema.shape).join(", ");

/** The delivery log as people read it. */
export class PostgresDeliveryReader extends DeliveryReader {
  constructor(
    private readonly database: Database,
    private readonly retention: Retention,
  ) {
    super();
  }

  async list(
    filter: DeliveryFilter,
    page: { readonly after: DeliveryPosition | null; readonly limit: number },
  ): Promise<readonly LoggedDelivery[]> {
    const place = { ...page, now: this.retention.now(), shownSince: shownSince(this.retention) };
    const { sql, values } = deliveryPage(filter, place);
    const rows = await this.database
      .read((manager) => manager.query(`SELECT ${DELIVERY_COLUMNS} FROM deliveries ${sql}`, values))
      .catch(saySlow);
    return z.array(deliverySchema).parse(rows);
  }

  one(deliveryId: string, tenantId: string | null): Promise<LoggedDeliveryDetail | null> {
    return this.database.transaction(async (manager) => {
      // One snapshot for all three tables, so that the count is the number of attempts shown.
      await manager.query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY");
      const [delivery] = z
        .array(deliverySchema)
        .parse(await manager.query(`SELECT ${DELIVERY_COLUMNS} FROM deliveries WHERE delivery_id = $1`, [deliveryId]));
      if (!delivery || (tenantId !== null && delivery.tenant_id !== tenantId)) return null;
      if (delivery.accepted_at < shownSince(this.retention)) return null;
      return { ...delivery, body: await bodyOf(manager, delivery), attempts: await attemptsOf(manager, delivery) };
    });
  }
}

/** A server that is alive and gave up will do so again: nobody should be told to try again. */
function saySlow(error: unknown): never {
  if (!statementTimedOut(error)) throw error;
  const detail = "narrow the list by a shorter time (since, until), or by webhook_id, event_id or email_id";
  throw new WaggleError("query_too_slow", detail, { cause: error });
}

async function bodyOf(manager: EntityManager, delivery: LoggedDelivery): Promise<string | null> {
  const rows: unknown = await manager.query(
    "SELECT body FROM delivery_bodies WHERE delivery_id = $1 AND accepted_at = to_timestamp($2 / 1000.0)",
    [delivery.delivery_id, delivery.accepted_at],
  );
  const [row] = z.array(z.object({ body: z.string() })).parse(rows);
  return row?.body ?? null;
}

async function attemptsOf(manager: EntityManager, delivery: LoggedDelivery): Promise<LoggedAttempt[]> {
  const rows: unknown = await manager.query(
    `SELECT ${ATTEMPT_COLUMNS} FROM attempts
     WHERE delivery_id = $1 AND accepted_at = to_timestamp($2 / 1000.0)
     ORDER BY round, number, at, try_id`,
    [delivery.delivery_id, delivery.accepted_at],
  );
  return z.array(attemptSchema).parse(rows);
}
