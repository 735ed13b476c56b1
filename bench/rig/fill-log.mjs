/** A delivery log of thirty days, written by SQL: one attempt per delivery, and the counts that are folded from them. */

const DAYS = 30;
const DAY_MS = 86_400_000;
const TABLES = ["deliveries", "delivery_bodies", "attempts", "events"];

/**
 * @param {import("pg").Client} client
 * @param {{ rows: number, tenant: string, webhooks: string[] }} options half of the rows are this tenant's
 */
export async function fillLog(client, { rows, tenant, webhooks }) {
  const today = Math.floor(Date.now() / DAY_MS);
  for (let day = today - DAYS + 1; day <= today; day++) {
    for (const table of TABLES) await client.query(partition(table, day));
    const end = day === today ? Date.now() : (day + 1) * DAY_MS;
    const values = [new Date(day * DAY_MS), new Date(end), Math.round(rows / DAYS), tenant, webhooks];
    await client.query(DELIVERIES, values);
    for (const statement of FOLLOWING) await client.query(statement, [values[0], values[1]]);
    process.stderr.write(`\rfilled ${day - today + DAYS} of ${DAYS} days`);
  }
  process.stderr.write("\n");
  for (const table of [...TABLES, "webhook_minutes"]) await client.query(`VACUUM ANALYZE ${table}`);
}

function partition(table, day) {
  const date = (at) => new Date(at * DAY_MS).toISOString().slice(0, 10);
  return `CREATE TABLE IF NOT EXISTS ${table}_${date(day).replaceAll("-", "")} PARTITION OF ${table}
    FOR VALUES FROM ('${date(day)} 00:00:00+00') TO ('${date(day + 1)} 00:00:00+00')`;
}

const DELIVERIES = `
  INSERT INTO deliveries
  SELECT 'dlv_' || md5(at::text || n), at, tenant_id, webhook_id, 'evt_' || md5(n || at::text), event_type,
    'msg_' || md5((n / 2)::text || $1::timestamptz), 'customer-' || (random() * 100000)::int || '@example.com', tags,
    'hiveku', false, false, 1, status, CASE status WHEN 'exhausted' THEN 'attempts_used' WHEN 'skipped' THEN 'webhook_disabled' END,
    CASE status WHEN 'pending' THEN at + interval '1 hour' END, 1, at, CASE status WHEN 'skipped' THEN 0 ELSE 1 END
  FROM (
    SELECT n, date_trunc('milliseconds', $1::timestamptz + ($2::timestamptz - $1::timestamptz) * (n / ($3::int + 1.0))) AS at,
      CASE WHEN n % 2 = 0 THEN $4::text ELSE 'ten_other_' || n % 50 END AS tenant_id,
      CASE WHEN n % 2 = 0 THEN ($5::text[])[1 + (random() * 9)::int] ELSE 'wh_other_' || n % 500 END AS webhook_id,
      (ARRAY['delivery', 'delivery', 'delivery', 'delivery', 'open', 'open', 'click', 'bounce', 'complaint'])[1 + (random() * 8)::int] AS event_type,
      CASE WHEN random() < 0.0001 THEN ARRAY['seldom'] WHEN random() < 0.5 THEN ARRAY['tag-' || (random() * 20)::int] ELSE '{}' END AS tags,
      (CASE WHEN chance < 0.97 THEN 'delivered' WHEN chance < 0.98 THEN 'pending' WHEN chance < 0.99 THEN 'exhausted' ELSE 'skipped' END)::delivery_status AS status
    FROM (SELECT n, random() AS chance FROM generate_series(1, $3::int) AS n) AS numbered
  ) AS made`;

const OF_DAY = "accepted_at >= $1 AND accepted_at < $2";

const FOLLOWING = [
  `INSERT INTO delivery_bodies SELECT delivery_id, accepted_at, json_build_object('id', event_id, 'data', repeat('x', 300))::text
   FROM deliveries WHERE ${OF_DAY} AND status <> 'skipped'`,
  `INSERT INTO attempts
   SELECT 'try_' || md5(delivery_id), accepted_at, delivery_id, tenant_id, webhook_id, 1, false, 1, 1,
     accepted_at + interval '20 ms', accepted_at + interval '60 ms', (10 + random() * 200)::int,
     CASE status WHEN 'delivered' THEN 200 ELSE 503 END, CASE status WHEN 'delivered' THEN NULL ELSE 'http_status' END,
     json_build_object('webhook-id', delivery_id, 'webhook-signature', repeat('s', 50)),
     '{"content-type":"application/json"}', repeat('y', 100), false, next_attempt_at
   FROM deliveries WHERE ${OF_DAY} AND status <> 'skipped'`,
  `INSERT INTO webhook_minutes
   SELECT webhook_id, date_trunc('minute', at), min(tenant_id), count(*) FILTER (WHERE error IS NULL),
     count(*) FILTER (WHERE error IS NOT NULL), array_fill(0, ARRAY[25]) || count(*)::int
   FROM attempts WHERE ${OF_DAY} GROUP BY 1, 2 ON CONFLICT DO NOTHING`,
];
