import type { SealedSecret, WebhookEntry } from "@waggle/contracts";
import type { DirectoryTable } from "@waggle/kafka";
import { type SecretBox, tenantAad, webhookAad } from "@waggle/secrets";
import type { Logger } from "@waggle/service";
import { Webhooks } from "../deliver/ports";
import { type SigningKey, signingKey } from "../deliver/signature";
import type { Webhook } from "../deliver/webhook";

/** Webhooks whose secrets are kept open; beyond, the one opened longest ago is opened again when it is needed. */
const MOST_OPEN = 20_000;

interface Opened {
  readonly webhook: Webhook;
  readonly tenantVersion: number;
}

/** Webhooks from the directory topic, their secrets opened once per version. */
export class DirectoryWebhooks extends Webhooks {
  private readonly opened = new Map<string, Opened>();

  constructor(
    private readonly table: Pick<DirectoryTable, "webhook" | "isDeletedWebhook" | "tenant" | "minRound" | "onChange">,
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
    this.opened.delete(webhookId);
    this.opened.set(webhookId, { webhook, tenantVersion });
    const [oldest] = this.opened.keys();
    if (this.opened.size > MOST_OPEN && oldest !== undefined) this.opened.delete(oldest);
    return webhook;
  }

  minRound(deliveryId: string): number {
    return this.table.minRound(deliveryId);
  }

  /** A webhook whose secrets or headers do not open has no keys, and so gets nothing until that is mended. */
  private open(entry: WebhookEntry): Webhook {
    const { id, tenant_id } = entry;
    const aad = webhookAad(tenant_id, id);
    try {
      const keys =
        entry.secrets.length > 0
          ? this.keys(entry.secrets, aad)
          : this.keys(this.table.tenant(tenant_id)?.secrets ?? [], tenantAad(tenant_id));
      if (keys.length === 0) this.logger.error({ webhook_id: id, tenant_id }, "webhook.no_secret");
      const headers = Object.fromEntries(entry.headers.map(({ name, sealed }) => [name, this.box.open(sealed, aad)]));
      return { entry, keys, headers };
    } catch (error) {
      this.logger.error({ err: error, webhook_id: id, tenant_id }, "webhook.secret_unreadable");
      return { entry, keys: [], headers: {} };
    }
  }

  private keys(secrets: readonly SealedSecret[], aad: string): SigningKey[] {
    return secrets.flatMap(({ sealed, expires_at }) => {
      try {
        return [signingKey(this.box.open(sealed, aad), expires_at)];
      } catch (error) {
        // One that was replaced may have been sealed under a key that is gone; the current one signs without it.
        if (expires_at === null) throw error;
        this.logger.warn({ err: error }, "webhook.previous_secret_unreadable");
        return [];
      }
    });
  }
}
