import type { Database } from "@waggle/postgres";
import { Gauge, type Registry } from "prom-client";
import { z } from "zod";

/** A scrape must not wait long for a database that hangs. */
const READ_LIMIT_MS = 1_000;

const openSchema = z.tuple([z.object({ open: z.boolean() })]);

/** `waggle_disable_frozen`, asked of the database at each scrape; while it does not answer, what it said before. */
export function registerIncidentGauge(registry: Registry, database: Database): void {
  new Gauge({
    name: "waggle_disable_frozen",
    help: "1 while an incident keeps webhooks from being disabled for failing",
    registers: [registry],
    async collect() {
      const ask = database.read(
        (manager) => manager.query("SELECT EXISTS (SELECT FROM incidents WHERE closed_at IS NULL) AS open"),
        { limitMs: READ_LIMIT_MS },
      );
      const rows: unknown = await ask.catch(() => null);
      const answer = openSchema.safeParse(rows);
      if (answer.success) this.set(answer.data[0].open ? 1 : 0);
    },
  });
}
