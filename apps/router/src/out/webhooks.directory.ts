import type { WebhookEntry } from "@waggle/contracts";
import type { DirectoryTable } from "@waggle/kafka";
import { Directory } from "../route/ports";

/** Webhooks as the directory topic has them. */
export class WebhooksDirectory extends Directory {
  constructor(private readonly table: DirectoryTable) {
    super();
  }

  webhooksOfTenant(tenantId: string): readonly WebhookEntry[] {
    return this.table.webhooksOfTenant(tenantId);
  }
}
