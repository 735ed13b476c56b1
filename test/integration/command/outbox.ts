import type { ReceivedRecord } from "@waggle/contracts";
import { sql } from "../manage/sql";

/** A record that waits for the relay, as consumers would get it. */
export type OutboxRow = Pick<ReceivedRecord, "key" | "value" | "headers"> & { readonly version: number };

/** What waits for one topic, in the order in which it will be written. */
export async function outbox(databaseUrl: string, topic: string): Promise<OutboxRow[]> {
  const rows = await sql(databaseUrl, "SELECT * FROM outbox WHERE topic = $1 ORDER BY version", [topic]);
  return rows.map(({ key, value, headers, version }) => ({
    key: bytes(key),
    value: bytes(value),
    headers: Object.fromEntries(Object.entries(headers ?? {}).map(([name, text]) => [name, Buffer.from(String(text))])),
    version: Number(version),
  }));
}

function bytes(column: unknown): Buffer | null {
  return column instanceof Buffer ? column : null;
}
