import { randomUUID } from "node:crypto";
import { Database, runMigrations } from "@waggle/postgres";
import { Client } from "pg";

/** An empty database with waggle's schema, for one spec. */
export interface LogDatabase {
  readonly url: string;
  /** Asks as the tables' owner, past all of waggle's code. */
  rows(sql: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
  /** A `Database` of waggle's, closed with this one. */
  connect(options?: { url?: string; workLimitMs?: number }): Database;
  close(): Promise<void>;
}

const silent = { info: () => {}, warn: () => {} };

export async function openLogDatabase(): Promise<LogDatabase> {
  const name = `observe_${randomUUID().replaceAll("-", "")}`;
  await asAdmin((admin) => admin.query(`CREATE DATABASE ${name}`));
  const url = Object.assign(new URL(serverUrl()), { pathname: `/${name}` }).toString();
  await runMigrations({ url, logger: silent });
  const client = new Client({ connectionString: url });
  client.on("error", () => {});
  await client.connect();
  const opened: Database[] = [];
  return {
    url,
    rows: async (sql, values = []) => (await client.query(sql, values)).rows,
    connect: (options = {}) => {
      const database = new Database({ url, logger: silent, poolSize: 4, ...options });
      opened.push(database);
      return database;
    },
    close: async () => {
      await Promise.all(opened.map((database) => database.close()));
      await client.end();
      await asAdmin((admin) => admin.query(`DROP DATABASE ${name} WITH (FORCE)`));
    },
  };
}

async function asAdmin(work: (admin: Client) => Promise<unknown>): Promise<void> {
  const admin = new Client({ connectionString: serverUrl() });
  await admin.connect();
  await work(admin);
  await admin.end();
}

function serverUrl(): string {
  // biome-ignore lint/style/noProcessEnv: Jest hands values from its global setup to its workers in no other way
  const url = process.env.WAGGLE_TEST_DATABASE_URL;
  if (!url) throw new Error("there is no PostgreSQL: this spec belongs to the integration or pipeline project");
  return url;
}
