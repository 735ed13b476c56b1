import type { SealedSecret, WebhookEntry } from "@waggle/contracts";
import type { DirectoryTable } from "@waggle/kafka";
import { type SecretBox, tenantAad, webhookAad } from "@waggle/secrets";
import type { Logger } from "@waggle/service";
import { Webhooks } from "../deliver/ports";
import { type SigningKey, signingKey } from "../deliver/signature";
import type { Webhook } from "../deliver/webhook";

interface Opened {
  readonly webhook: Webhook;
  readonly tenantVersion: number;
}

/** Webhooks from the directory topic, their secrets opened once per version. */
export class DirectoryWebhooks extends Webhooks {
  private readonly opened = new Map<string, Opened>();

  constructor(
    private readonly table: DirectoryTable,
    private readonly box: SecretBox,
    private readonly logger: Logger,
  ) {
    super();
    table.onChange((record) => {
      if (record.kind === "webhook") this.opened.delete(record.id);
    });
  }

  find(webhookId: string): Webhook | "deleted" | "unknown" {
    const entry = this.table.webhook(webhookId);
    if (!entry) return this.table.isDeletedWebhook(webhookId) ? "deleted" : "unknown";
    const tenantVersion = entry.secrets.length > 0 ? 0 : (this.table.tenant(entry.tenant_id)?.version ?? 0);
    const known = this.opened.get(webhookId);
    if (known?.webhook.entry === entry && known.tenantVersion === tenantVersion) return known.webhook;
    const webhook = this.open(entry);
    this.opened.set(webhookId, { webhook, tenantVersion });
    return webhook;
  }

  minRound(deliveryId: string): number {
    return this.table.minRound(deliveryId);
  }

  private open(entry: WebhookEntry): Webhook {
    const aad = webhookAad(entry.tenant_id, entry.id);
    const keys =
      entry.secrets.length > 0
        ? this.keys(entry.secrets, aad)
        : this.keys(this.table.tenant(entry.tenant_id)?.secrets ?? [], tenantAad(entry.tenant_id));
    // Receivers would refuse what is not signed, so it is worth an alarm; the attempt then fails where people see it.
    if (keys.length === 0) this.logger.error({ webhook_id: entry.id, tenant_id: entry.tenant_id }, "webhook.no_secret");
    const headers = Object.fromEntries(entry.headers.map(({ name, sealed }) => [name, this.box.open(sealed, aad)]));
    return { entry, keys, headers };
  }

  private keys(secrets: readonly SealedSecret[], aad: string): SigningKey[] {
    return secrets.map(({ sealed, expires_at }) => signingKey(this.box.open(sealed, aad), expires_at));
  }
}
