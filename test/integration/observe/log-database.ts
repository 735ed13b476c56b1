import { Database, runMigrations } from "@waggle/postgres";
import { createTestDatabase } from "@waggle/testing";
import { Client } from "pg";

/** An empty database with waggle's schema, for one spec. */
export interface LogDatabase {
  readonly url: string;
  /** Asks as the tables' owner, past all of waggle's code. */
  rows(sql: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
  /** A `Database` of waggle's, closed with this one. */
  connect(): Database;
  close(): Promise<void>;
}

const silent = { info: () => {}, warn: () => {} };

export async function openLogDatabase(): Promise<LogDatabase> {
  const { url, drop } = await createTestDatabase();
  await runMigrations({ url, logger: silent });
  const client = new Client({ connectionString: url });
  await client.connect();
  const opened: Database[] = [];
  return {
    url,
    rows: async (sql, values = []) => (await client.query(sql, values)).rows,
    connect: () => {
      const database = new Database({ url, logger: silent, poolSize: 4 });
      opened.push(database);
      return database;
    },
    close: async () => {
      await Promise.all(opened.map((database) => database.close()));
      await client.end();
      await drop();
    },
  };
}
