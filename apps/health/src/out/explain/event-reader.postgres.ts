import { DELIVERY_STATUSES, EXHAUSTED_REASONS, SKIPPED_REASONS, subscribedTypes } from "@waggle/domain";
import type { Database } from "@waggle/postgres";
import { z } from "zod";
import { type KeptEvent, keptEvent } from "../../explain/kept-event";
import {
  type EventDelivery,
  type EventPosition,
  EventReader,
  type FilterTrial,
  type TrialResult,
  type WebhookThen,
} from "../../explain/ports";

const milliseconds = z.date().transform((date) => date.getTime());

const eventSchema = z.object({ event_type: z.string(), body: z.string() }).transform(keptEvent);

const deliverySchema = z.object({
  delivery_id: z.string(),
  event_id: z.string(),
  webhook_id: z.string(),
  status: z.enum(DELIVERY_STATUSES),
  reason: z.enum([...EXHAUSTED_REASONS, ...SKIPPED_REASONS]).nullable(),
  round: z.number(),
  attempt_count: z.number(),
  next_attempt_at: milliseconds.nullable(),
});

const DELIVERY_COLUMNS = Object.keys(deliverySchema.shape).join(", ");

const webhookSchema = z
  .object({
    webhook_id: z.string(),
    url: z.string(),
    created_at: milliseconds,
    events: z.array(z.string()),
    tags: z.array(z.string()),
  })
  .transform(({ webhook_id, url, created_at, events, tags }): WebhookThen => {
    return { webhook_id, url, filter: { types: subscribedTypes(events), tags: new Set(tags), created_at } };
  });

const trialSchema = z.object({
  matched: z.number(),
  examined: z.number(),
  read: z.number(),
  oldest: milliseconds.nullable(),
});

/** Events a preview looks at: what PostgreSQL reads in well under a second. */
const EXAMINED = 100_000;

/** As `mismatch` has it: mail that comes in has no tags to ask for. */
const MATCHES = "event_type = ANY ($3::text[]) AND ($4::text[] = '{}' OR tags && $4::text[] OR event_type = 'inbound')";

export class PostgresEventReader extends EventReader {
  constructor(private readonly database: Database) {
    super();
  }

  find(eventId: string, tenantId: string | null): Promise<readonly KeptEvent[]> {
    return this.ask(
      eventSchema,
      `SELECT DISTINCT ON (tenant_id) event_type, body FROM events
       WHERE event_id = $1 AND ($2::text IS NULL OR tenant_id = $2) ORDER BY tenant_id, accepted_at LIMIT 2`,
      [eventId, tenantId],
    );
  }

  ofEmail(
    email: { readonly tenant_id: string; readonly email_id: string },
    page: { readonly after: EventPosition | null; readonly limit: number },
  ): Promise<readonly KeptEvent[]> {
    return this.ask(
      eventSchema,
      `SELECT event_type, body FROM (
         SELECT DISTINCT ON (event_id) event_id, accepted_at, event_type, body FROM events
         WHERE tenant_id = $1 AND left(email_id, 128) = left($2, 128) AND email_id = $2 ORDER BY event_id, accepted_at
       ) AS first_copies
       WHERE $3::text IS NULL OR (accepted_at, event_id) > (to_timestamp($4::float8 / 1000.0), $3)
       ORDER BY accepted_at, event_id LIMIT $5`,
      [email.tenant_id, email.email_id, page.after?.event_id ?? null, page.after?.accepted_at ?? null, page.limit],
    );
  }

  deliveries(tenantId: string, eventIds: readonly string[]): Promise<readonly EventDelivery[]> {
    return this.ask(
      deliverySchema,
      `SELECT ${DELIVERY_COLUMNS} FROM deliveries
       WHERE tenant_id = $1 AND event_id = ANY ($2::text[]) AND NOT test ORDER BY webhook_id`,
      [tenantId, eventIds],
    );
  }

  webhooks(tenantId: string, at: number): Promise<readonly WebhookThen[]> {
    return this.ask(
      webhookSchema,
      `SELECT webhooks.id AS webhook_id, url, created_at, filter.events, filter.tags FROM webhooks
       CROSS JOIN LATERAL (
         SELECT events, tags FROM webhook_filters WHERE webhook_id = webhooks.id
         -- The latest that held by then; for a time before the first one, the first.
         ORDER BY since <= to_timestamp($2::float8 / 1000.0) DESC,
           abs(extract(epoch FROM since - to_timestamp($2::float8 / 1000.0))), version DESC
         LIMIT 1
       ) AS filter
       WHERE tenant_id = $1 ORDER BY webhooks.id`,
      [tenantId, at],
    );
  }

  async tryFilter(trial: FilterTrial, examples: number): Promise<TrialResult> {
    const { tenant_id, types, tags, since } = trial;
    const [tried] = await this.ask(
      trialSchema,
      `SELECT count(DISTINCT event_id) FILTER (WHERE ${MATCHES})::integer AS matched,
         count(DISTINCT event_id)::integer AS examined, count(*)::integer AS read, min(accepted_at) AS oldest
       FROM (
         SELECT event_id, event_type, tags, accepted_at FROM events
         WHERE tenant_id = $1 AND accepted_at >= to_timestamp($2::float8 / 1000.0)
         ORDER BY accepted_at DESC LIMIT $5
       ) AS recent`,
      [tenant_id, since, types, tags, EXAMINED],
    );
    const { matched = 0, examined = 0, read = 0, oldest = null } = tried ?? {};
    const from = read < EXAMINED || oldest === null ? since : oldest;
    const found = await this.ask(
      eventSchema,
      `SELECT event_type, body FROM events
       WHERE tenant_id = $1 AND accepted_at >= to_timestamp($2::float8 / 1000.0) AND ${MATCHES} AND NOT EXISTS (
         SELECT FROM events AS earlier
         WHERE earlier.event_id = events.event_id AND earlier.tenant_id = $1
           AND earlier.accepted_at >= to_timestamp($2::float8 / 1000.0) AND earlier.accepted_at < events.accepted_at
       )
       ORDER BY accepted_at DESC LIMIT $5`,
      [tenant_id, from, types, tags, examples],
    );
    return { matched, examined, since: from, examples: found };
  }

  private async ask<Row>(schema: z.ZodType<Row>, sql: string, values: unknown[]): Promise<Row[]> {
    return z.array(schema).parse(await this.database.read((manager) => manager.query(sql, values)));
  }
}
