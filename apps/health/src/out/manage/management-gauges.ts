import { WEBHOOK_STATUSES } from "@waggle/domain";
import { type Database, outboxWaitingSince } from "@waggle/postgres";
import { Gauge, type Registry } from "prom-client";
import type { EntityManager } from "typeorm";
import { z } from "zod";

/** A scrape must not wait long for a database that hangs. */
const READ_LIMIT_MS = 1_000;

/**
 * `waggle_webhooks{status}` and `waggle_outbox_oldest_seconds`, asked of the database at each scrape. While it does
 * not answer, the counts stay as they were and what waited in the outbox is taken to wait on.
 */
export function registerManagementGauges(registry: Registry, database: Database, now: () => number): void {
  const read = <Result>(work: (manager: EntityManager) => Promise<Result>, otherwise: Result) =>
    database.read(work, { limitMs: READ_LIMIT_MS }).catch(() => otherwise);

  let counts: ReadonlyMap<string, number> = new Map();
  new Gauge({
    name: "waggle_webhooks",
    help: "Webhooks by status",
    labelNames: ["status"],
    registers: [registry],
    async collect() {
      counts = await read(countWebhooks, counts);
      for (const status of WEBHOOK_STATUSES) this.set({ status }, counts.get(status) ?? 0);
    },
  });

  let waitingSince: number | null = null;
  new Gauge({
    name: "waggle_outbox_oldest_seconds",
    help: "How long the oldest record in the outbox has waited for Kafka",
    registers: [registry],
    async collect() {
      waitingSince = await read(outboxWaitingSince, waitingSince);
      this.set(waitingSince === null ? 0 : Math.max(0, (now() - waitingSince) / 1_000));
    },
  });
}

const countsSchema = z.array(z.object({ status: z.string(), webhooks: z.number() }));

async function countWebhooks(manager: EntityManager): Promise<ReadonlyMap<string, number>> {
  const rows: unknown = await manager.query(
    "SELECT status, count(*)::integer AS webhooks FROM webhooks GROUP BY status",
  );
  return new Map(countsSchema.parse(rows).map(({ status, webhooks }) => [status, webhooks]));
}
