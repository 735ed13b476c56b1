import { arrayLiteral } from "@waggle/postgres";
import type { DeliveryFilter, DeliveryPosition } from "../../observe/ports";

const DAY_MS = 86_400_000;

export interface PageRequest {
  /** The last delivery of the page before; null: the newest are wanted. */
  readonly after: DeliveryPosition | null;
  readonly limit: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Older deliveries are left out, milliseconds since the epoch. */
  readonly shownSince: number;
}

/**
 * What follows `FROM deliveries` for one page, newest first. Statements are made for the filters they have, so that
 * each is planned with its values: partitions outside the times are left out, and each filter has its index.
 */
export function deliveryPage(filter: DeliveryFilter, page: PageRequest): { sql: string; values: unknown[] } {
  const values: unknown[] = [];
  const given = (value: unknown) => `$${values.push(value)}`;
  const time = (ms: number) => `to_timestamp(${given(ms)}::float8 / 1000.0)`;
  const conditions = [`tenant_id = ${given(filter.tenant_id)}`];
  const end = upperEnd(filter, page.now);
  if (page.after === null || page.after.accepted_at >= end) {
    conditions.push(`accepted_at < ${time(end)}`);
  } else {
    // The comparison of rows finds the place in the index, that of the time leaves out partitions. With a further
    // bound beside them PostgreSQL would begin at that one, and read all that lies between.
    const at = time(page.after.accepted_at);
    conditions.push(`accepted_at <= ${at} AND (accepted_at, delivery_id) < (${at}, ${given(page.after.delivery_id)})`);
  }
  conditions.push(`accepted_at >= ${time(Math.max(filter.since ?? page.shownSince, page.shownSince))}`);
  if (filter.webhook_id !== null) conditions.push(`webhook_id = ${given(filter.webhook_id)}`);
  if (filter.status !== null) conditions.push(`status = ${given(filter.status)}::delivery_status`);
  if (filter.event_type !== null) conditions.push(`event_type = ${given(filter.event_type)}`);
  if (filter.event_id !== null) conditions.push(`event_id = ${given(filter.event_id)}`);
  if (filter.email_id !== null) conditions.push(longText("email_id", given(filter.email_id)));
  if (filter.recipient !== null) conditions.push(longText("recipient", given(filter.recipient)));
  // The second half is what the index covers.
  if (filter.tag !== null) conditions.push(`tags @> ${given(arrayLiteral([filter.tag]))}::text[] AND tags <> '{}'`);
  return {
    sql: `WHERE ${conditions.join(" AND ")} ORDER BY accepted_at DESC, delivery_id DESC LIMIT ${given(page.limit)}`,
    values,
  };
}

/** Nothing is accepted tomorrow, and the partitions made ahead need not be looked into. */
function upperEnd(filter: DeliveryFilter, now: number): number {
  const tomorrow = now - (now % DAY_MS) + DAY_MS;
  return Math.min(filter.until ?? tomorrow, tomorrow);
}

/** Only the beginning of a publisher's text is indexed. */
function longText(column: string, parameter: string): string {
  return `left(${column}, 128) = left(${parameter}, 128) AND ${column} = ${parameter}`;
}
