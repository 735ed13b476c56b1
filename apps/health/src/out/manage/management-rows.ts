import type { SealedSecret } from "@waggle/contracts";
import type { ApiKeyRow, SecretRow, TenantRow, WebhookRow } from "@waggle/postgres";
import type { ApiKey } from "../../manage/api-keys/api-key";
import type { Tenant } from "../../manage/tenants/tenant";
import type { Webhook } from "../../manage/webhooks/webhook";

/** Sealed secrets by who owns them: a webhook's id, or a tenant's. */
export type SecretsByOwner = ReadonlyMap<string, readonly SealedSecret[]>;

/** `rows` newest first. */
export function secretsByOwner(rows: readonly SecretRow[]): SecretsByOwner {
  const owners = new Map<string, SealedSecret[]>();
  for (const { tenant_id, webhook_id, sealed, expires_at } of rows) {
    const owner = webhook_id ?? tenant_id;
    const secrets = owners.get(owner) ?? [];
    owners.set(owner, secrets);
    secrets.push({ sealed, expires_at });
  }
  return owners;
}

export function tenantOfRow(row: TenantRow, secrets: SecretsByOwner): Tenant {
  const { version: _version, ...tenant } = row;
  return { ...tenant, secrets: secrets.get(row.id) ?? [] };
}

export function rowOfTenant(tenant: Tenant, version: number): TenantRow {
  const { secrets: _secrets, ...row } = tenant;
  return { ...row, version };
}

export function apiKeyOfRow(row: ApiKeyRow): ApiKey {
  const { version: _version, ...apiKey } = row;
  return apiKey;
}

export function rowOfApiKey(apiKey: ApiKey, version: number): ApiKeyRow {
  return { ...apiKey, scopes: [...apiKey.scopes], version };
}

/** @param failing since when webhooks fail, by id, in milliseconds since the epoch */
export function webhookOfRow(row: WebhookRow, secrets: SecretsByOwner, failing: ReadonlyMap<string, number>): Webhook {
  return { ...row, failing_since: failing.get(row.id) ?? null, secrets: secrets.get(row.id) ?? [] };
}

export function rowOfWebhook(webhook: Webhook, version: number): WebhookRow {
  const { secrets: _secrets, failing_since: _failingSince, ...row } = webhook;
  return {
    ...row,
    events: [...webhook.events],
    tags: [...webhook.tags],
    headers: [...webhook.headers],
    retry_delays_s: webhook.retry_delays_s === null ? null : [...webhook.retry_delays_s],
    version,
  };
}
