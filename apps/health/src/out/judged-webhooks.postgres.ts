import type { DisabledReason, JudgedWebhook } from "@waggle/domain";
import { type Database, WebhookEntity } from "@waggle/postgres";
import { JudgedWebhooks, type WebhookOfTenant } from "../judge/ports";
import { disabled } from "../manage/webhooks/webhook";
import { PostgresChanges } from "./management-changes.postgres";
import { webhookOfRow } from "./management-rows";
import { secretsOfWebhooks } from "./secrets.postgres";

/** Webhooks in the tables that management changes, under the same locks. */
export class PostgresJudgedWebhooks extends JudgedWebhooks {
  constructor(
    private readonly database: Database,
    private readonly now: () => number,
  ) {
    super();
  }

  disable(
    { webhook_id: id, tenant_id }: WebhookOfTenant,
    judge: (webhook: JudgedWebhook) => DisabledReason | null,
  ): Promise<DisabledReason | null> {
    return this.database.transaction(async (manager) => {
      const lock = { mode: "pessimistic_write" } as const;
      const row = await manager.findOne(WebhookEntity, { where: { id, tenant_id }, lock });
      if (!row) return null;
      const reason = judge(row);
      if (reason === null) return null;
      const webhook = webhookOfRow(row, await secretsOfWebhooks(manager, [row]), new Map());
      await new PostgresChanges(manager).putWebhooks([{ ...disabled(webhook, reason), updated_at: this.now() }]);
      return reason;
    });
  }
}
