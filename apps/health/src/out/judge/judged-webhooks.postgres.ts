import type { DisabledReason, Warned } from "@waggle/domain";
import { type Database, WebhookEntity } from "@waggle/postgres";
import type { EntityManager } from "typeorm";
import type { AlertMail } from "../../judge/alerts/alert-mail";
import { JudgedWebhooks, type Trial, type WebhookOfTenant, type WebhookOnTrial } from "../../judge/ports";
import type { AuditEntry } from "../../manage/audit/audit-entry";
import type { HistoryEntry } from "../../manage/webhooks/history-entry";
import { disabled } from "../../manage/webhooks/webhook";
import { putAudit } from "../manage/audit-log.postgres";
import { PostgresChanges } from "../manage/management-changes.postgres";
import { putHistory } from "../manage/webhook-history.postgres";
import { queueMail } from "./alert-queue.postgres";
import { failingAmong, failingPage, lastFailures, onTrial } from "./judged-rows.postgres";

/** Webhooks in the tables that management changes, under the same locks. */
export class PostgresJudgedWebhooks extends JudgedWebhooks {
  constructor(
    private readonly database: Database,
    private readonly options: {
      readonly now: () => number;
      /** Whether there is a server that mails can be sent through. */
      readonly mails: boolean;
    },
  ) {
    super();
  }

  onTrial<Result>(
    { webhook_id: id, tenant_id }: WebhookOfTenant,
    work: (trial: Trial) => Promise<Result>,
  ): Promise<Result | null> {
    return this.database.transaction(async (manager) => {
      const lock = { mode: "pessimistic_write" } as const;
      const row = await manager.findOne(WebhookEntity, { select: { id: true }, where: { id, tenant_id }, lock });
      if (!row) return null;
      // By a statement of its own: one that waited for the lock would see the other tables as they were before.
      const webhook = await onTrial(manager, id);
      return webhook && work(new PostgresTrial(manager, webhook, this.options));
    });
  }

  failingAmong(ids: readonly string[]): Promise<readonly WebhookOnTrial[]> {
    return this.database.read((manager) => failingAmong(manager, ids));
  }

  async *failing(): AsyncIterable<readonly WebhookOnTrial[]> {
    let after = "";
    for (;;) {
      const page = await this.database.read((manager) => failingPage(manager, after));
      const last = page.at(-1);
      if (!last) return;
      yield page;
      after = last.webhook_id;
    }
  }
}

class PostgresTrial implements Trial {
  constructor(
    private readonly manager: EntityManager,
    readonly webhook: WebhookOnTrial,
    private readonly options: { readonly now: () => number; readonly mails: boolean },
  ) {}

  lastFailures() {
    return lastFailures(this.manager, this.webhook.webhook_id);
  }

  async disable(reason: DisabledReason): Promise<void> {
    const changes = new PostgresChanges(this.manager);
    const webhooks = await changes.lockWebhooks([this.webhook.webhook_id]);
    const updated_at = this.options.now();
    await changes.putWebhooks(webhooks.map((webhook) => ({ ...disabled(webhook, reason), updated_at })));
  }

  async remember(warned: Warned | null): Promise<void> {
    const { webhook_id } = this.webhook;
    if (warned === null) {
      await this.manager.query("DELETE FROM webhook_warnings WHERE webhook_id = $1", [webhook_id]);
      return;
    }
    await this.manager.query(
      `INSERT INTO webhook_warnings (webhook_id, failing_since, after_s) VALUES ($1, $2, $3)
       ON CONFLICT (webhook_id) DO UPDATE SET failing_since = excluded.failing_since, after_s = excluded.after_s`,
      [webhook_id, new Date(warned.failing_since), warned.after_s],
    );
  }

  record(entry: HistoryEntry): Promise<void> {
    return putHistory(this.manager, [entry]);
  }

  recordAudit(entry: AuditEntry): Promise<void> {
    return putAudit(this.manager, entry);
  }

  async mail(mail: AlertMail): Promise<void> {
    if (this.options.mails) await queueMail(this.manager, mail, this.options.now());
  }
}
