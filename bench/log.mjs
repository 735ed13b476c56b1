/**
 * `npm run bench:log`: how long the delivery log takes to answer, over HTTP, with real rows of thirty days. Half of
 * them are one tenant's, who asks; each filter is asked for with values picked from the rows.
 * Options: --rows 5000000 --asks 100.
 */
import { parseArgs } from "node:util";
import pg from "pg";
import { load } from "./rig/cpu.mjs";
import { percentile, print, round } from "./rig/figures.mjs";
import { fillLog } from "./rig/fill-log.mjs";
import { startStack } from "./rig/stack.mjs";
import { createTenant, createWebhook } from "./rig/tenants.mjs";

const { values: options } = parseArgs({
  options: { rows: { type: "string", default: "5000000" }, asks: { type: "string", default: "100" } },
});
const rows = Number(options.rows);
const asks = Number(options.asks);
const DAY_MS = 86_400_000;
const WEBHOOKS = 10;

const stack = await startStack();
const client = new pg.Client({ connectionString: stack.databaseUrl });
try {
  const { id: tenant, key } = await createTenant(stack, "bench");
  const webhooks = [];
  for (let i = 0; i < WEBHOOKS; i++) {
    const { id } = await createWebhook(stack, key, { url: `http://127.0.0.1:9/${i}` });
    webhooks.push(id);
  }
  await client.connect();
  await fillLog(client, { rows, tenant, webhooks });
  const { rows: samples } = await client.query(
    "SELECT * FROM deliveries TABLESAMPLE SYSTEM (1) WHERE tenant_id = $1 ORDER BY random() LIMIT 500",
    [tenant],
  );
  const results = {};
  for (const [name, path] of Object.entries(questions())) results[name] = await ask(path, samples);
  const worst = Math.max(...Object.values(results).map(({ p95_ms }) => p95_ms));
  print("log", results, { rows, asks, worst_p95_ms: worst, load: load() });
} finally {
  await client.end();
  await stack.stop();
}

/** Each makes the path of a question from a delivery's row. */
function questions() {
  const list = (query) => (row) => `/v1/deliveries?${new URLSearchParams(query(row))}`;
  const iso = (ms) => new Date(ms).toISOString();
  const within = (row, ms) => {
    const since = Math.min(row.accepted_at.getTime(), Date.now() - ms);
    return { since: iso(since), until: iso(since + ms) };
  };
  return {
    "newest 50": list(() => ({})),
    "newest 200": list(() => ({ limit: "200" })),
    webhook_id: list((row) => ({ webhook_id: row.webhook_id })),
    "status=delivered": list(() => ({ status: "delivered" })),
    "status=pending": list(() => ({ status: "pending" })),
    "status=exhausted": list(() => ({ status: "exhausted" })),
    "status=skipped": list(() => ({ status: "skipped" })),
    event_type: list((row) => ({ event_type: row.event_type })),
    event_id: list((row) => ({ event_id: row.event_id })),
    email_id: list((row) => ({ email_id: row.email_id })),
    recipient: list((row) => ({ recipient: row.recipient })),
    tag: list((row) => ({ tag: row.tags[0] ?? "tag-1" })),
    "tag, seldom": list(() => ({ tag: "seldom" })),
    "tag nobody has": list(() => ({ tag: "never" })),
    "24 h": list((row) => within(row, DAY_MS)),
    "24 h of a webhook": list((row) => ({ ...within(row, DAY_MS), webhook_id: row.webhook_id })),
    "24 h, webhook_id, status=exhausted": list((row) => ({
      ...within(row, DAY_MS),
      webhook_id: row.webhook_id,
      status: "exhausted",
    })),
    "webhook_id, event_type": list((row) => ({ webhook_id: row.webhook_id, event_type: row.event_type })),
    "a page far down": list((row) => ({
      cursor: Buffer.from(`${row.accepted_at.getTime()}/${row.delivery_id}`).toString("base64url"),
    })),
    "one delivery": (row) => `/v1/deliveries/${row.delivery_id}`,
    "attempts of a webhook": (row) => `/v1/webhooks/${row.webhook_id}/attempts`,
    "attempts, failed": (row) => `/v1/webhooks/${row.webhook_id}/attempts?result=failed`,
    "health of a webhook": (row) => `/v1/webhooks/${row.webhook_id}/health`,
  };
}

async function ask(path, samples) {
  const times = [];
  for (let index = 0; index < asks; index++) {
    const row = samples[index % samples.length];
    const url = new URL(path(row), stack.managementUrl);
    url.searchParams.set("tenant_id", row.tenant_id);
    const began = performance.now();
    const response = await fetch(url, { headers: { authorization: `Bearer ${stack.adminToken}` } });
    const body = await response.text();
    times.push(performance.now() - began);
    if (!response.ok) throw new Error(`${url.pathname}${url.search}: ${response.status} ${body}`);
  }
  return { p50_ms: round(percentile(times, 0.5), 1), p95_ms: round(percentile(times, 0.95), 1) };
}
