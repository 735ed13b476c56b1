import type { WebhookChange, WebhookCreation } from "@waggle/contracts";
import type { Dialect } from "@waggle/domain";
import { type SecretBox, webhookAad } from "@waggle/secrets";
import type { Tenant } from "../tenants/tenant";
import type { Webhook } from "./webhook";
import { sealHeaders } from "./webhook-headers";

/** A webhook that has been given nothing yet. */
export function blankWebhook(id: string, tenant: Pick<Tenant, "id" | "dialect">, now: number): Webhook {
  return {
    id,
    tenant_id: tenant.id,
    url: "",
    events: [],
    tags: [],
    description: null,
    dialect: tenant.dialect,
    status: "enabled",
    disabled_reason: null,
    failing_since: null,
    headers: [],
    timeout_ms: null,
    max_in_flight: null,
    max_per_second: null,
    retry_delays_s: null,
    disable_after_s: null,
    secrets: [],
    created_at: now,
    updated_at: now,
    version: 0,
  };
}

/**
 * The webhook with what was given: absent is unchanged, null is cleared to what a webhook has that never set it.
 * Source: contract §4.
 */
export function applySettings(
  webhook: Webhook,
  given: WebhookCreation | WebhookChange,
  context: { readonly tenantDialect: Dialect; readonly box: SecretBox },
): Webhook {
  const { box, tenantDialect } = context;
  const aad = webhookAad(webhook.tenant_id, webhook.id);
  const orUnchanged = <Value>(value: Value | undefined, unchanged: Value): Value =>
    value === undefined ? unchanged : value;
  return {
    ...webhook,
    url: orUnchanged(given.url, webhook.url),
    events: orUnchanged(given.events, webhook.events),
    tags: given.tags === undefined ? webhook.tags : (given.tags ?? []),
    description: orUnchanged(given.description, webhook.description),
    dialect: given.dialect === undefined ? webhook.dialect : (given.dialect ?? tenantDialect),
    headers:
      given.headers === undefined ? webhook.headers : sealHeaders(given.headers ?? {}, webhook.headers, { box, aad }),
    timeout_ms: orUnchanged(given.timeout_ms, webhook.timeout_ms),
    max_in_flight: orUnchanged(given.max_in_flight, webhook.max_in_flight),
    max_per_second: orUnchanged(given.max_per_second, webhook.max_per_second),
    retry_delays_s: orUnchanged(given.retry_delays_s, webhook.retry_delays_s),
    disable_after_s: orUnchanged(given.disable_after_s, webhook.disable_after_s),
  };
}
