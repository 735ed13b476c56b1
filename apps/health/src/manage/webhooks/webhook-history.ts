import { tenantPageQuerySchema } from "@waggle/contracts";
import { type Caller, requireManage } from "../caller";
import { type Page, readPage } from "../page";
import type { ManagementStore } from "../ports";
import { readInput } from "../read-input";
import type { HistoryEntry } from "./history-entry";
import type { WebhookRequest } from "./webhook-access";
import type { Webhooks } from "./webhooks";

/** What happened to webhooks, newest first, for those who may see them. Source: contract §4. */
export class WebhookHistory {
  constructor(
    private readonly store: Pick<ManagementStore, "history">,
    private readonly webhooks: Pick<Webhooks, "get">,
  ) {}

  /** @throws WaggleError as `Webhooks.get`, `validation_failed` */
  async list(caller: Caller, request: WebhookRequest): Promise<Page<HistoryEntry>> {
    requireManage(caller);
    const { tenant_id, ...page } = readInput(tenantPageQuerySchema, request.query);
    const { id } = await this.webhooks.get(caller, { id: request.id, query: { tenant_id } });
    return readPage(page, (wanted) => this.store.history({ ...wanted, webhook_id: id }));
  }
}
