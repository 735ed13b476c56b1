import { arrayLiteral, bulkInsert } from "@waggle/postgres";
import type { EntityManager } from "typeorm";
import type { Webhook } from "../../manage/webhooks/webhook";
import { inStatements } from "./in-statements";

interface VersionedWebhook {
  readonly item: Webhook;
  readonly version: number;
}

const filters = bulkInsert<VersionedWebhook>("webhook_filters", [
  { name: "webhook_id", kind: "text", of: ({ item }) => item.id },
  { name: "version", kind: "bigint", of: ({ version }) => version },
  { name: "since", kind: "time", of: ({ item }) => item.updated_at },
  { name: "events", kind: "texts", of: ({ item }) => arrayLiteral(item.events) },
  { name: "tags", kind: "texts", of: ({ item }) => arrayLiteral(item.tags) },
]);

const FILTER_INSERT = `${filters.sql}
  WHERE NOT EXISTS (
    SELECT FROM (
      SELECT kept.events, kept.tags FROM webhook_filters AS kept
      WHERE kept.webhook_id = given.webhook_id ORDER BY kept.version DESC LIMIT 1
    ) AS latest
    WHERE latest.events = given.events::text[] AND latest.tags = given.tags::text[]
  )`;

/** Remembers what webhooks subscribe to from now on; one whose filter is what it was leaves no trace. */
export async function rememberFilters(manager: EntityManager, webhooks: readonly VersionedWebhook[]): Promise<void> {
  for (const some of inStatements(webhooks)) await manager.query(FILTER_INSERT, filters.values(some));
}
