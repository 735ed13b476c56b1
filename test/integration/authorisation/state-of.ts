import { Client } from "pg";
import type { Door } from "./call";
import { callsOn } from "./calls";
import type { PopulatedTenant } from "./populated-tenant";

/** Where it is not the attackers' doing that time goes by. */
const OF_THE_MOMENT = ["series", "last_used_at"];

/** Every row of every table in which one of these words stands, and none of `besides`. */
export async function rowsWith(url: string, words: readonly string[], besides: readonly string[]): Promise<string[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const tables = await client.query<{ name: string }>(
      `SELECT oid::regclass::text AS name FROM pg_class
       WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1`,
    );
    const rows: string[] = [];
    for (const { name } of tables.rows) {
      const found = await client.query<{ row: string }>(
        `SELECT row::text FROM (SELECT to_jsonb(one) - 'last_used_at' AS row FROM ${name} AS one) AS all_rows
         WHERE row::text LIKE ANY ($1) AND NOT row::text LIKE ANY ($2)`,
        [words.flatMap(patterns), besides.flatMap(patterns)],
      );
      rows.push(...found.rows.map(({ row }) => `${name} ${row}`));
    }
    return rows.toSorted();
  } finally {
    await client.end();
  }
}

/** Text, and text in bytes. */
function patterns(word: string): string[] {
  return [`%${word}%`, `%${Buffer.from(word).toString("hex")}%`];
}

/** The things that a tenant has by now, by their ids. */
export async function idsOf(url: string, tenantId: string): Promise<string[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const sql = ["webhooks", "api_keys", "recoveries"].map((table) => `SELECT id FROM ${table} WHERE tenant_id = $1`);
    const { rows } = await client.query<{ id: string }>(sql.join(" UNION "), [tenantId]);
    return [tenantId, ...rows.map(({ id }) => id)];
  } finally {
    await client.end();
  }
}

/** All that the operator is shown of a tenant. */
export async function shownOf(door: Door, tenant: PopulatedTenant, operator: string): Promise<string[]> {
  const shown: string[] = [];
  for (const operation of door.operations) {
    if (operation.method !== "GET" || operation.isStream) continue;
    for (const call of callsOn(operation, tenant)) {
      const named = operation.parameters.some(({ name }) => name === "tenant_id");
      const query = named ? { tenant_id: tenant.id } : {};
      const outcome = await door.ask({ ...call, query }, operator);
      if (outcome?.code === null) shown.push(`${operation.id} ${JSON.stringify(call.path)} ${lasting(outcome.said)}`);
    }
  }
  return shown;
}

function lasting(said: string): string {
  if (!said.includes("application/json")) return said;
  const json = said.slice(said.lastIndexOf("\n") + 1);
  return JSON.stringify(JSON.parse(json), (name, value) => (OF_THE_MOMENT.includes(name) ? undefined : value));
}
