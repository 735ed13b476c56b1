import type { SealedSecret } from "@waggle/contracts";
import { WaggleError } from "@waggle/domain";
import { generateSecret, type SecretBox, tenantAad, webhookAad } from "@waggle/secrets";
import { liveSecrets } from "../secrets/live-secrets";
import { sharesSecret, type Tenant } from "../tenants/tenant";
import type { Webhook } from "./webhook";

/** A webhook and the tenant whose secret it may share. */
export interface SignedWebhook {
  readonly webhook: Webhook;
  readonly tenant: Tenant;
}

/** Where a new webhook's secret is kept: with the webhook, or – its own list empty – with the tenant, who changes if it is new. */
export interface SecretAssignment extends SignedWebhook {
  readonly secret: string;
}

/**
 * Gives a new webhook the secret it signs with. In a sharing tenant that is the shared one, which the first webhook
 * may bring along; once others sign with it, a webhook that brings another keeps that to itself.
 * @param inUse whether a webhook of the tenant signs with the shared secret
 */
export function assignSecret(
  { webhook, tenant }: SignedWebhook,
  imported: string | null,
  context: { readonly box: SecretBox; readonly inUse: boolean },
): SecretAssignment {
  const { box, inUse } = context;
  if (sharesSecret(tenant)) {
    const shared = openCurrent(box, tenant.secrets, tenantAad(tenant.id));
    if (imported === null || imported === shared) return { webhook, tenant, secret: shared };
    if (!inUse) {
      const sealed = sealCurrent(box, imported, tenantAad(tenant.id));
      return { webhook, tenant: { ...tenant, secrets: sealed }, secret: imported };
    }
  }
  const secret = imported ?? generateSecret();
  const secrets = sealCurrent(box, secret, webhookAad(webhook.tenant_id, webhook.id));
  return { webhook: { ...webhook, secrets }, tenant, secret };
}

/** The secret that a webhook's next delivery is signed with. */
export function currentSecret(
  { webhook, tenant }: SignedWebhook,
  box: SecretBox,
): { readonly secret: string; readonly shared: boolean } {
  const shared = webhook.secrets.length === 0;
  const secret = shared
    ? openCurrent(box, tenant.secrets, tenantAad(tenant.id))
    : openCurrent(box, webhook.secrets, webhookAad(webhook.tenant_id, webhook.id));
  return { secret, shared };
}

/** The webhook with the shared secrets that sign as its own, so that what its receiver verifies goes on being true. */
export function withOwnSecrets(
  webhook: Webhook,
  tenant: Tenant,
  { box, now }: { readonly box: SecretBox; readonly now: number },
): Webhook {
  const aad = webhookAad(webhook.tenant_id, webhook.id);
  const secrets = liveSecrets(tenant.secrets, now).map(({ sealed, expires_at }) => ({
    sealed: box.seal(box.open(sealed, tenantAad(tenant.id)), aad),
    expires_at,
  }));
  return { ...webhook, secrets };
}

/** A new secret for a tenant's webhooks to share. */
export function newSharedSecret(box: SecretBox, tenantId: string): readonly SealedSecret[] {
  return sealCurrent(box, generateSecret(), tenantAad(tenantId));
}

function sealCurrent(box: SecretBox, secret: string, aad: string): readonly SealedSecret[] {
  return [{ sealed: box.seal(secret, aad), expires_at: null }];
}

function openCurrent(box: SecretBox, secrets: readonly SealedSecret[], aad: string): string {
  const current = secrets.find(({ expires_at }) => expires_at === null);
  if (!current) throw new WaggleError("secret_unreadable", "there is no current secret");
  return box.open(current.sealed, aad);
}
