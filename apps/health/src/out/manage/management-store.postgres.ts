import {
  ApiKeyEntity,
  type Database,
  InboundAddressEntity,
  TenantEntity,
  type TenantRow,
  WebhookEntity,
  type WebhookRow,
} from "@waggle/postgres";
import { type FindManyOptions, LessThan } from "typeorm";
import type { ApiKey } from "../../manage/api-keys/api-key";
import type { Once } from "../../manage/idempotency/once";
import type { InboundAddress } from "../../manage/inbound-addresses/inbound-address";
import type { PageRequest } from "../../manage/page";
import { type Changes, ManagementStore, type OfTenant } from "../../manage/ports";
import type { Tenant } from "../../manage/tenants/tenant";
import type { HistoryEntry } from "../../manage/webhooks/history-entry";
import type { Webhook } from "../../manage/webhooks/webhook";
import { failingSince } from "../judge/failing-since.postgres";
import { inboundAddressOfRow } from "./inbound-addresses.postgres";
import { doOnce } from "./kept-answers.postgres";
import { PostgresChanges } from "./management-changes.postgres";
import { apiKeyOfRow, tenantOfRow, webhookOfRow } from "./management-rows";
import { secretsOfTenants, secretsOfWebhooks } from "./secrets.postgres";
import { historyOf } from "./webhook-history.postgres";

export class PostgresManagementStore extends ManagementStore {
  constructor(private readonly database: Database) {
    super();
  }

  change<Result>(work: (changes: Changes) => Promise<Result>, once?: Once<NonNullable<Result>>): Promise<Result> {
    return this.database.transaction((manager) => doOnce(manager, once, () => work(new PostgresChanges(manager))));
  }

  async tenant(id: string): Promise<Tenant | null> {
    const [tenant] = await this.findTenants({ where: { id } });
    return tenant ?? null;
  }

  tenants(page: PageRequest): Promise<Tenant[]> {
    return this.findTenants(newestFirst(page));
  }

  apiKey(id: string): Promise<ApiKey | null> {
    return this.findApiKey({ id });
  }

  apiKeyByHash(hash: string): Promise<ApiKey | null> {
    return this.findApiKey({ key_hash: hash });
  }

  async apiKeys(page: PageRequest & OfTenant): Promise<ApiKey[]> {
    return (await this.database.read((manager) => manager.find(ApiKeyEntity, newestFirst(page)))).map(apiKeyOfRow);
  }

  async webhook(id: string): Promise<Webhook | null> {
    const [webhook] = await this.findWebhooks({ where: { id } });
    return webhook ?? null;
  }

  webhooks(page: PageRequest & OfTenant): Promise<Webhook[]> {
    return this.findWebhooks(newestFirst(page));
  }

  async inboundAddresses(page: PageRequest & OfTenant): Promise<InboundAddress[]> {
    const rows = await this.database.read((manager) => manager.find(InboundAddressEntity, newestFirst(page)));
    return rows.map(inboundAddressOfRow);
  }

  history(page: PageRequest & { readonly webhook_id: string }): Promise<HistoryEntry[]> {
    return this.database.read((manager) => historyOf(manager, page));
  }

  private async findApiKey(where: { readonly id: string } | { readonly key_hash: string }): Promise<ApiKey | null> {
    const row = await this.database.read((manager) => manager.findOne(ApiKeyEntity, { where }));
    return row && apiKeyOfRow(row);
  }

  private findTenants(options: FindManyOptions<TenantRow>): Promise<Tenant[]> {
    return this.database.read(async (manager) => {
      const rows = await manager.find(TenantEntity, options);
      const secrets = await secretsOfTenants(manager, rows);
      return rows.map((row) => tenantOfRow(row, secrets));
    });
  }

  private findWebhooks(options: FindManyOptions<WebhookRow>): Promise<Webhook[]> {
    return this.database.read(async (manager) => {
      const rows = await manager.find(WebhookEntity, options);
      const secrets = await secretsOfWebhooks(manager, rows);
      const failing = await failingSince(manager, rows);
      return rows.map((row) => webhookOfRow(row, secrets, failing));
    });
  }
}

/** Ids are ULIDs: their order is the order of creation. */
function newestFirst({ before, limit, tenant_id = null }: PageRequest & Partial<OfTenant>) {
  return {
    where: {
      ...(tenant_id === null ? {} : { tenant_id }),
      ...(before === null ? {} : { id: LessThan(before) }),
    },
    order: { id: "DESC" },
    take: limit,
  } as const;
}
