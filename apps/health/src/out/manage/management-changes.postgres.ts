import { ApiKeyEntity, InboundAddressEntity, TenantEntity, WebhookEntity, type WebhookRow } from "@waggle/postgres";
import { type EntityManager, In } from "typeorm";
import type { ApiKey } from "../../manage/api-keys/api-key";
import type { AuditEntry } from "../../manage/audit/audit-entry";
import { apiKeyEntry, tenantEntry, webhookEntry } from "../../manage/directory-entry";
import type { InboundAddress } from "../../manage/inbound-addresses/inbound-address";
import type { Changes, CountedThing, DirectoryThing, OfTenant } from "../../manage/ports";
import type { Tenant } from "../../manage/tenants/tenant";
import type { HistoryEntry } from "../../manage/webhooks/history-entry";
import type { SignedWebhook } from "../../manage/webhooks/signing-secret";
import type { Webhook } from "../../manage/webhooks/webhook";
import { failingSince, forgiveFailures, isTroubled } from "../judge/failing-since.postgres";
import { putAudit } from "./audit-log.postgres";
import { announce, announceDeleted } from "./directory-records.postgres";
import { inStatements } from "./in-statements";
import {
  lockHashesOfTenant,
  lockInboundAddresses,
  putInboundAddresses,
  removeInboundAddress,
} from "./inbound-addresses.postgres";
import { apiKeyOfRow, rowOfApiKey, rowOfTenant, rowOfWebhook, tenantOfRow, webhookOfRow } from "./management-rows";
import { putSecrets, secretsOfTenants, secretsOfWebhooks } from "./secrets.postgres";
import { rememberFilters } from "./webhook-filters.postgres";
import { putHistory } from "./webhook-history.postgres";

const LOCK = { share: "pessimistic_read", update: "pessimistic_write" } as const;
const FOR_UPDATE = { mode: LOCK.update };

/** Webhooks with no secret of their own. */
const SHARING = `FROM webhooks WHERE tenant_id = $1
  AND NOT EXISTS (SELECT FROM secrets WHERE secrets.webhook_id = webhooks.id)`;

const COUNTED = {
  webhooks: WebhookEntity,
  api_keys: ApiKeyEntity,
  inbound_addresses: InboundAddressEntity,
} as const;

/** One transaction's changes. Rows are always locked in the order tenant, then webhooks and keys by id. */
export class PostgresChanges implements Changes {
  constructor(private readonly manager: EntityManager) {}

  async lockTenant(id: string, mode: keyof typeof LOCK): Promise<Tenant | null> {
    const row = await this.manager.findOne(TenantEntity, { where: { id }, lock: { mode: LOCK[mode] } });
    return row && tenantOfRow(row, await secretsOfTenants(this.manager, [row]));
  }

  async lockTenants(ids: readonly string[]): Promise<Tenant[]> {
    const rows = await this.manager.find(TenantEntity, { ...byId(ids), lock: FOR_UPDATE });
    const secrets = await secretsOfTenants(this.manager, rows);
    return rows.map((row) => tenantOfRow(row, secrets));
  }

  async lockWebhook(id: string, tenantMode: keyof typeof LOCK = "share"): Promise<SignedWebhook | null> {
    const found = await this.manager.findOne(WebhookEntity, { select: { id: true, tenant_id: true }, where: { id } });
    const tenant = found && (await this.lockTenant(found.tenant_id, tenantMode));
    const [webhook] = tenant ? await this.lockWebhooks([id]) : [];
    return tenant && webhook ? { webhook, tenant } : null;
  }

  async lockWebhooks(ids: readonly string[]): Promise<Webhook[]> {
    const rows = await this.manager.find(WebhookEntity, { ...byId(ids), lock: FOR_UPDATE });
    const secrets = await secretsOfWebhooks(this.manager, rows);
    const failing = await failingSince(this.manager, rows);
    return rows.map((row) => webhookOfRow(row, secrets, failing));
  }

  async lockApiKeys(hashes: readonly string[]): Promise<ApiKey[]> {
    const where = { key_hash: In(hashes) };
    return (await this.manager.find(ApiKeyEntity, { where, order: { id: "ASC" }, lock: FOR_UPDATE })).map(apiKeyOfRow);
  }

  lockInboundAddresses(hashes: readonly string[]): Promise<InboundAddress[]> {
    return lockInboundAddresses(this.manager, hashes);
  }

  async lockSharingWebhooks(tenantId: string): Promise<Webhook[]> {
    return this.lockWebhooks(await this.sharingWebhooks(tenantId));
  }

  async sharingWebhooks(tenantId: string): Promise<string[]> {
    const rows: Pick<WebhookRow, "id">[] = await this.manager.query(`SELECT id ${SHARING}`, [tenantId]);
    return rows.map(({ id }) => id);
  }

  async isSharedSecretInUse(tenantId: string): Promise<boolean> {
    const rows: unknown[] = await this.manager.query(`SELECT 1 ${SHARING} LIMIT 1`, [tenantId]);
    return rows.length > 0;
  }

  async countForCreation(things: CountedThing, tenantId: string): Promise<number> {
    // Rows that are not there yet cannot be locked.
    await this.manager.query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [`${things}/${tenantId}`]);
    return this.manager.countBy(COUNTED[things], { tenant_id: tenantId });
  }

  async putTenants(tenants: readonly Tenant[]): Promise<void> {
    const announced = await announce(this.manager, tenants, (tenant, version) => ({
      kind: "tenant",
      id: tenant.id,
      entry: tenantEntry(tenant, version),
    }));
    const rows = announced.map(({ item, version }) => rowOfTenant(item, version));
    for (const some of inStatements(rows)) await this.manager.upsert(TenantEntity, some, ["id"]);
    const owners = tenants.map(({ id, secrets }) => ({ tenant_id: id, webhook_id: null, secrets }));
    await putSecrets(this.manager, owners, await secretsOfTenants(this.manager, tenants));
  }

  async putWebhooks(webhooks: readonly Webhook[]): Promise<Webhook[]> {
    const announced = await announce(this.manager, webhooks, (webhook, version) => ({
      kind: "webhook",
      id: webhook.id,
      entry: webhookEntry(webhook, version),
    }));
    const rows = announced.map(({ item, version }) => rowOfWebhook(item, version));
    for (const some of inStatements(rows)) await this.manager.upsert(WebhookEntity, some, ["id"]);
    await rememberFilters(this.manager, announced);
    const owners = webhooks.map(({ id, tenant_id, secrets }) => ({ tenant_id, webhook_id: id, secrets }));
    await putSecrets(this.manager, owners, await secretsOfWebhooks(this.manager, webhooks));
    return announced.map(({ item, version }) => ({ ...item, version }));
  }

  async putApiKeys(apiKeys: readonly ApiKey[]): Promise<void> {
    const announced = await announce(this.manager, apiKeys, (apiKey, version) => ({
      kind: "api-key",
      id: apiKey.key_hash,
      entry: apiKeyEntry(apiKey, version),
    }));
    const rows = announced.map(({ item, version }) => rowOfApiKey(item, version));
    for (const some of inStatements(rows)) await this.manager.upsert(ApiKeyEntity, some, ["id"]);
  }

  putInboundAddresses(addresses: readonly InboundAddress[]): Promise<void> {
    return putInboundAddresses(this.manager, addresses);
  }

  async removeTenant(id: string, deletedAt: number): Promise<Record<CountedThing, number>> {
    const owned = { where: { tenant_id: id }, order: { id: "ASC" }, lock: FOR_UPDATE } as const;
    const webhooks = await this.manager.find(WebhookEntity, { ...owned, select: { id: true } });
    const apiKeys = await this.manager.find(ApiKeyEntity, { ...owned, select: { id: true, key_hash: true } });
    const hashes = await lockHashesOfTenant(this.manager, id);
    await this.manager.delete(TenantEntity, { id });
    await this.announceDeleted(
      [
        ...apiKeys.map(({ key_hash }) => ({ kind: "api-key" as const, id: key_hash })),
        ...webhooks.map((webhook) => ({ kind: "webhook" as const, id: webhook.id })),
        ...hashes.map((hash) => ({ kind: "inbound" as const, id: hash })),
        { kind: "tenant", id },
      ],
      deletedAt,
    );
    return { webhooks: webhooks.length, api_keys: apiKeys.length, inbound_addresses: hashes.length };
  }

  async removeWebhook(id: string, deletedAt: number): Promise<void> {
    await this.manager.delete(WebhookEntity, { id });
    await this.announceDeleted([{ kind: "webhook", id }], deletedAt);
  }

  async removeApiKey(key: { readonly id: string; readonly deleted_at: number } & OfTenant): Promise<ApiKey | null> {
    const where = { id: key.id, ...(key.tenant_id === null ? {} : { tenant_id: key.tenant_id }) };
    const row = await this.manager.findOne(ApiKeyEntity, { where, lock: FOR_UPDATE });
    if (!row) return null;
    await this.manager.delete(ApiKeyEntity, { id: row.id });
    await this.announceDeleted([{ kind: "api-key", id: row.key_hash }], key.deleted_at);
    return apiKeyOfRow(row);
  }

  removeInboundAddress(address: { readonly hash: string; readonly deleted_at: number } & OfTenant) {
    return removeInboundAddress(this.manager, address);
  }

  recordHistory(entry: HistoryEntry): Promise<void> {
    return putHistory(this.manager, [entry]);
  }

  recordHistories(entries: readonly HistoryEntry[]): Promise<void> {
    return putHistory(this.manager, entries);
  }

  recordAudit(entry: AuditEntry): Promise<void> {
    return putAudit(this.manager, entry);
  }

  isTroubled(webhookId: string): Promise<boolean> {
    return isTroubled(this.manager, webhookId);
  }

  forgiveFailures(webhook: Pick<Webhook, "id" | "tenant_id">, until: number): Promise<void> {
    return forgiveFailures(this.manager, [webhook], until);
  }

  private announceDeleted(things: readonly DirectoryThing[], deletedAt: number): Promise<void> {
    return announceDeleted(
      this.manager,
      things.map((thing) => ({ ...thing, deleted_at: deletedAt })),
    );
  }
}

function byId(wanted: readonly string[]) {
  return { where: { id: In(wanted) }, order: { id: "ASC" } } as const;
}
