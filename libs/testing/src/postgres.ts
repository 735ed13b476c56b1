import { randomUUID } from "node:crypto";
import { Client } from "pg";

export interface TestDatabase {
  readonly url: string;
  /** Removes it, whoever is still connected. */
  drop(): Promise<void>;
}

/** An empty database of its own on the PostgreSQL that Jest's global setup started for this run. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = serverUrl();
  const name = `waggle_${randomUUID().replaceAll("-", "")}`;
  await execute(server, `CREATE DATABASE ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => execute(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) };
}

async function execute(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

function serverUrl(): string {
  const url = process.env.WAGGLE_TEST_DATABASE_URL;
  if (!url) throw new Error("there is no PostgreSQL: this spec belongs to the integration or pipeline project");
  return url;
}
