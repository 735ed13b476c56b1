import type {
  apiKeySchema,
  createdApiKeySchema,
  createdWebhookSchema,
  historyEntrySchema,
  rotatedSecretSchema,
  Shown,
  tenantSchema,
  webhookSchema,
} from "@waggle/contracts";
import { eventNamesIn } from "@waggle/domain";
import type { ApiKey } from "../../manage/api-keys/api-key";
import type { CreatedApiKey } from "../../manage/api-keys/api-keys";
import type { Page } from "../../manage/page";
import type { RotatedSecret } from "../../manage/secrets/secret-rotation";
import { sharesSecret, type Tenant } from "../../manage/tenants/tenant";
import type { HistoryEntry } from "../../manage/webhooks/history-entry";
import type { Webhook } from "../../manage/webhooks/webhook";
import { webhookEtag } from "../../manage/webhooks/webhook-etag";
import { MASKED_VALUE } from "../../manage/webhooks/webhook-headers";
import type { CreatedWebhook } from "../../manage/webhooks/webhooks";

/** How tenants, keys and webhooks look in JSON: times in RFC 3339, nothing secret. Source: contract §4. */
export function tenantView(tenant: Tenant): Shown<typeof tenantSchema> {
  return {
    id: tenant.id,
    name: tenant.name,
    dialect: tenant.dialect,
    alert_email: tenant.alert_email,
    shared_secret: sharesSecret(tenant),
    created_at: instant(tenant.created_at),
    updated_at: instant(tenant.updated_at),
  };
}

export function apiKeyView(apiKey: ApiKey): Shown<typeof apiKeySchema> {
  return {
    id: apiKey.id,
    tenant_id: apiKey.tenant_id,
    name: apiKey.name,
    scopes: apiKey.scopes,
    created_at: instant(apiKey.created_at),
    expires_at: instantOrNull(apiKey.expires_at),
    last_used_at: instantOrNull(apiKey.last_used_at),
  };
}

/** A new key, with the key itself: the only answer that has it. */
export function createdApiKeyView({ api_key, key }: CreatedApiKey): Shown<typeof createdApiKeySchema> {
  return { ...apiKeyView(api_key), key };
}

export function webhookView(webhook: Webhook): Shown<typeof webhookSchema> {
  return {
    id: webhook.id,
    tenant_id: webhook.tenant_id,
    url: webhook.url,
    events: eventNamesIn(webhook.dialect, webhook.events),
    tags: webhook.tags,
    description: webhook.description,
    dialect: webhook.dialect,
    status: webhook.status,
    disabled_reason: webhook.disabled_reason,
    failing_since: instantOrNull(webhook.failing_since),
    headers: Object.fromEntries(webhook.headers.map(({ name }) => [name, MASKED_VALUE])),
    timeout_ms: webhook.timeout_ms,
    max_in_flight: webhook.max_in_flight,
    max_per_second: webhook.max_per_second,
    retry_delays_s: webhook.retry_delays_s,
    disable_after_s: webhook.disable_after_s,
    created_at: instant(webhook.created_at),
    updated_at: instant(webhook.updated_at),
    etag: webhookEtag(webhook),
  };
}

/** `previous_expires_at`: until when a secret before it signs along; null: none does. */
export function rotatedSecretView({
  secret,
  shared,
  previous_expires_at,
}: RotatedSecret): Shown<typeof rotatedSecretSchema> {
  return {
    secret,
    shared,
    previous_expires_at: previous_expires_at === null ? null : instant(previous_expires_at),
  };
}

/** A new webhook, with the secret that its receiver verifies with. */
export function createdWebhookView({ webhook, secret }: CreatedWebhook): Shown<typeof createdWebhookSchema> {
  return { ...webhookView(webhook), secret };
}

export function historyView({
  id,
  at,
  action,
  actor,
  key_id,
  details,
}: HistoryEntry): Shown<typeof historyEntrySchema> {
  return { id, at: instant(at), action, by: { kind: actor, key_id }, details };
}

export function pageView<Item, View>(page: Page<Item>, view: (item: Item) => View) {
  return { items: page.items.map(view), next_cursor: page.next_cursor };
}

function instantOrNull(ms: number | null): string | null {
  return ms === null ? null : instant(ms);
}

function instant(ms: number): string {
  return new Date(ms).toISOString();
}
