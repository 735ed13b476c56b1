import { Client } from "pg";

export interface LoggedAttempts {
  /** How many attempts are in the log, by `<delivery id> <attempt number>`, and how many of them were answered. */
  readonly attempts: ReadonlyMap<string, number>;
  readonly answered: ReadonlyMap<string, number>;
  /** How many deliveries have each status. */
  readonly deliveries: Readonly<Record<string, number>>;
}

/** All that the log has of a tenant, by two statements of SQL: the API would take hundreds of pages. */
export async function deliveryLog(databaseUrl: string, tenantId: string): Promise<LoggedAttempts> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const deliveries = await client.query<{ status: string; count: number }>(
      "SELECT status::text, count(*)::int FROM deliveries WHERE tenant_id = $1 GROUP BY status",
      [tenantId],
    );
    const attempts = await client.query<{ step: string; count: number; answered: number }>(
      `SELECT delivery_id || ' ' || number AS step, count(*)::int, count(status_code)::int AS answered FROM attempts
       WHERE tenant_id = $1 GROUP BY delivery_id, number`,
      [tenantId],
    );
    return {
      attempts: new Map(attempts.rows.map(({ step, count }) => [step, count])),
      answered: new Map(attempts.rows.map(({ step, answered }) => [step, answered])),
      deliveries: Object.fromEntries(deliveries.rows.map(({ status, count }) => [status, count])),
    };
  } finally {
    await client.end();
  }
}
