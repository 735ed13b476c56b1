import {
  type ApiKeyEntry,
  decodeDirectoryRecord,
  type InboundEntry,
  type TenantEntry,
  type WebhookEntry,
} from "@waggle/contracts";
import { EVENT_TYPES, subscribedTypes } from "@waggle/domain";
import type { ApiKey } from "./api-keys/api-key";
import type { InboundAddress } from "./inbound-addresses/inbound-address";
import type { DirectoryThing } from "./ports";
import type { Tenant } from "./tenants/tenant";
import type { Webhook } from "./webhooks/webhook";

/** What the data plane learns of a tenant. */
export function tenantEntry(tenant: Tenant, version: number): TenantEntry {
  return { version, deleted: false, id: tenant.id, dialect: tenant.dialect, secrets: [...tenant.secrets] };
}

/** What the data plane learns of an API key. */
export function apiKeyEntry(key: ApiKey, version: number): ApiKeyEntry {
  return {
    version,
    deleted: false,
    id: key.id,
    tenant_id: key.tenant_id,
    scopes: [...key.scopes],
    expires_at: key.expires_at,
  };
}

/** What the data plane learns of an inbound address. */
export function inboundEntry({ hash, tenant_id }: InboundAddress, version: number): InboundEntry {
  return { version, deleted: false, hash, tenant_id };
}

/** What the data plane learns of a webhook: all that matching, sending and signing take, and nothing else. */
export function webhookEntry(webhook: Webhook, version: number): WebhookEntry {
  const subscribed = subscribedTypes(webhook.events);
  return {
    version,
    deleted: false,
    id: webhook.id,
    tenant_id: webhook.tenant_id,
    url: webhook.url,
    event_types: EVENT_TYPES.filter((type) => subscribed.has(type)),
    tags: [...webhook.tags],
    dialect: webhook.dialect,
    status: webhook.status,
    disabled_reason: webhook.disabled_reason,
    created_at: webhook.created_at,
    secrets: [...webhook.secrets],
    headers: [...webhook.headers],
    timeout_ms: webhook.timeout_ms,
    max_in_flight: webhook.max_in_flight,
    max_per_second: webhook.max_per_second,
    retry_delays_s: webhook.retry_delays_s === null ? null : [...webhook.retry_delays_s],
  };
}

/** What a thing is called in the topic: the key of its records. */
export function directoryKey({ kind, id }: DirectoryThing): string {
  return `${kind}/${id}`;
}

/** The thing that a key names. */
export function thingOfKey(key: string): DirectoryThing {
  const { kind, id } = decodeDirectoryRecord({ key: Buffer.from(key), value: null });
  return { kind, id };
}
