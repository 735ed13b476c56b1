import { isDeepStrictEqual } from "node:util";
import type { ApiKey } from "../api-keys/api-key";
import type { InboundAddress } from "../inbound-addresses/inbound-address";
import { sharesSecret, type Tenant } from "../tenants/tenant";
import { type ChangedFields, changedFields, toldSettings } from "../webhooks/history-entry";
import type { Webhook } from "../webhooks/webhook";
import type { Told } from "./audit-entry";

export function toldTenant(tenant: Tenant): Told {
  const { name, dialect, alert_email } = tenant;
  return { name, dialect, alert_email, shared_secret: sharesSecret(tenant) };
}

export function toldApiKey({ name, scopes, expires_at }: ApiKey): Told {
  return { name, scopes, expires_at: expires_at === null ? null : new Date(expires_at).toISOString() };
}

export function toldInboundAddress({ name }: InboundAddress): Told {
  return { name };
}

export function toldWebhook(webhook: Webhook): Told {
  return { ...toldSettings(webhook), ...toldStatus(webhook) };
}

export function toldStatus({ status, disabled_reason }: Pick<Webhook, "status" | "disabled_reason">): Told {
  return { status, disabled_reason };
}

/** Both sides of a change, each as far as it changed. */
export interface Sides {
  readonly before: Told;
  readonly after: Told;
}

export function tenantSides(before: Tenant, after: Tenant): Sides {
  const then = toldTenant(before);
  const now = toldTenant(after);
  const changed = Object.keys(now).filter((field) => !isDeepStrictEqual(then[field], now[field]));
  return sidesOf(changed.map((field) => [field, { before: then[field], after: now[field] }]));
}

/** A header whose value alone is another one is named on both sides. */
export function webhookSides(before: Webhook, after: Webhook): Sides {
  return sidesOf(Object.entries(changedFields(before, after)));
}

function sidesOf(fields: readonly (readonly [string, ChangedFields[string]])[]): Sides {
  return {
    before: Object.fromEntries(fields.map(([field, { before }]) => [field, before])),
    after: Object.fromEntries(fields.map(([field, { after }]) => [field, after])),
  };
}
