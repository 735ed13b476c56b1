import { type Database, WebhookEntity } from "@waggle/postgres";
import { WebhookOwners } from "../../live/ports";
import { isId } from "../../manage/ids";

export class PostgresWebhookOwners extends WebhookOwners {
  constructor(private readonly database: Database) {
    super();
  }

  async tenantOf(webhookId: string): Promise<string | null> {
    if (!isId("wh", webhookId)) return null;
    const row = await this.database.read((manager) =>
      manager.findOne(WebhookEntity, { select: { id: true, tenant_id: true }, where: { id: webhookId } }),
    );
    return row?.tenant_id ?? null;
  }
}
