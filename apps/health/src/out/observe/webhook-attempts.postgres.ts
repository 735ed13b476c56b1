import { EVENT_TYPES } from "@waggle/domain";
import type { EntityManager } from "typeorm";
import { z } from "zod";
import type { AttemptPage, AttemptPosition, AttemptResultFilter, KnownWebhook } from "../../observe/statistics/ports";
import { ATTEMPT_COLUMNS, attemptSchema } from "./log-reader.postgres";

const milliseconds = z.date().transform((date) => date.getTime());

const foundSchema = attemptSchema.extend({
  try_id: z.string(),
  delivery_id: z.string(),
  accepted_at: milliseconds,
  test: z.boolean(),
});
type Found = z.output<typeof foundSchema>;

const deliverySchema = z.object({
  delivery_id: z.string(),
  event_id: z.string(),
  event_type: z.enum(EVENT_TYPES),
  email_id: z.string(),
  recipient: z.string(),
  body: z.string().nullable(),
});
type Delivery = z.output<typeof deliverySchema>;

/** Each has an index that hands out a page in its order. */
const CONDITIONS: Readonly<Record<AttemptResultFilter, string>> = {
  delivered: "error IS NULL",
  failed: "error IS NOT NULL",
};
const ORDER = "ORDER BY at DESC, try_id DESC LIMIT $3";

/** One page of a webhook's attempts, newest first, of deliveries accepted since a time (milliseconds since the epoch). */
export async function readAttempts(
  manager: EntityManager,
  { webhook_id, tenant_id }: Pick<KnownWebhook, "webhook_id" | "tenant_id">,
  page: {
    readonly result: AttemptResultFilter | null;
    readonly after: AttemptPosition | null;
    readonly limit: number;
    readonly shownSince: number;
  },
): Promise<AttemptPage> {
  const { result, after, limit, shownSince } = page;
  const place = after ? "AND (at, try_id) < (to_timestamp($5 / 1000.0), $6)" : "";
  const of = (condition: string) =>
    `(SELECT ${ATTEMPT_COLUMNS}, try_id, delivery_id, accepted_at, test FROM attempts
      WHERE webhook_id = $1 AND tenant_id = $2 AND ${condition}
        AND accepted_at >= to_timestamp($4 / 1000.0) ${place} ${ORDER})`;
  const parts = result === null ? Object.values(CONDITIONS) : [CONDITIONS[result]];
  const rows: unknown = await manager.query(`SELECT * FROM (${parts.map(of).join(" UNION ALL ")}) AS found ${ORDER}`, [
    // One more than is shown tells whether there is a next page.
    ...[webhook_id, tenant_id, limit + 1, shownSince],
    ...(after ? [after.at, after.try_id] : []),
  ]);
  const read = z.array(foundSchema).parse(rows);
  const found = read.slice(0, limit);
  const deliveries = await deliveriesOf(manager, found);
  const attempts = found.flatMap(({ accepted_at: _, ...attempt }) => {
    const delivery = deliveries.get(attempt.delivery_id);
    if (!delivery) return [];
    const { body: request_body, ...about } = delivery;
    return [{ ...attempt, ...about, request_body }];
  });
  return { attempts, next: read.length > limit ? (found.at(-1) ?? null) : null };
}

/** What attempts were about, by delivery: its row is kept under the same time. */
async function deliveriesOf(manager: EntityManager, attempts: readonly Found[]): Promise<Map<string, Delivery>> {
  const rows: unknown = await manager.query(
    `SELECT delivery_id, event_id, event_type, email_id, recipient, body
     FROM deliveries LEFT JOIN delivery_bodies USING (delivery_id, accepted_at)
     WHERE delivery_id = ANY ($1) AND accepted_at = ANY ($2)`,
    [attempts.map(({ delivery_id }) => delivery_id), attempts.map(({ accepted_at }) => new Date(accepted_at))],
  );
  const deliveries = z.array(deliverySchema).parse(rows);
  return new Map(deliveries.map((delivery) => [delivery.delivery_id, delivery]));
}
