import { isDeepStrictEqual } from "node:util";
import { secretRotationSchema } from "@waggle/contracts";
import { type SecretBox, tenantAad, webhookAad } from "@waggle/secrets";
import { auditEntry } from "../audit/audit-entry";
import type { Caller } from "../caller";
import type { Once } from "../idempotency/once";
import type { Changes, ManagementStore } from "../ports";
import { readInput } from "../read-input";
import { calledEntry } from "../webhooks/history-entry";
import { recordChange } from "../webhooks/record-change";
import type { SignedWebhook } from "../webhooks/signing-secret";
import { allowedTenant, lockVisible, type WebhookRequest } from "../webhooks/webhook-access";
import { requireMatch } from "../webhooks/webhook-etag";
import { liveSecrets } from "./live-secrets";
import { type Rotated, type Rotating, rotate } from "./rotate";

export interface SecretRotationParts {
  readonly store: ManagementStore;
  readonly box: SecretBox;
  readonly now: () => number;
}

/** What became of a rotation. */
export interface RotatedSecret extends Pick<Rotated, "secret" | "previous_expires_at"> {
  /** Whether it is the tenant's, of all webhooks that share it. */
  readonly shared: boolean;
}

/** One rotation under way: who asked for it, when, and for what. */
interface Occasion extends Rotating {
  readonly caller: Caller;
  readonly at: number;
}

/** Replaces the secrets that webhooks sign with, the ones before signing along for a while. Source: contract §3, §4. */
export class SecretRotation {
  constructor(private readonly parts: SecretRotationParts) {}

  /**
   * Rotates the secret that a webhook signs with: its own, or the one that it shares, then for all that share it.
   * What changes nothing is not written, and tells no history.
   * @throws WaggleError as `visibleTenant`; `validation_failed`, `not_found`, `precondition_failed`,
   *   `too_many_secrets`, `database_unavailable`
   */
  async rotate(
    caller: Caller,
    request: WebhookRequest & { readonly body: unknown; readonly once?: Once<RotatedSecret> | undefined },
  ): Promise<RotatedSecret> {
    const { store, now } = this.parts;
    const tenantId = allowedTenant(caller, request);
    const { overlap_s, secret: imported } = readInput(secretRotationSchema, request.body);
    return store.change(async (changes) => {
      // The tenant for update from the start: locks for share that both want more would wait for each other.
      const signed = await lockVisible(changes, { id: request.id, tenantId, tenantMode: "update" });
      requireMatch(signed.webhook, request.ifMatch);
      const occasion = { caller, at: now(), imported, overlapMs: overlap_s * 1_000 };
      return signed.webhook.secrets.length > 0
        ? this.rotateOwn(changes, signed, occasion)
        : this.rotateShared(changes, signed, occasion);
    }, request.once);
  }

  private async rotateOwn(changes: Changes, { webhook }: SignedWebhook, occasion: Occasion): Promise<RotatedSecret> {
    const { id, tenant_id } = webhook;
    const { caller, at } = occasion;
    const { secrets, ...rotated } = this.rotated(webhook.secrets, webhookAad(tenant_id, id), occasion);
    if (!isDeepStrictEqual(secrets, liveSecrets(webhook.secrets, at))) {
      await changes.putWebhooks([{ ...webhook, secrets, updated_at: at }]);
      const after = told(rotated, occasion);
      const details = { shared: false, ...after };
      await recordChange(changes, caller, { action: "secret_rotated", webhook, at, details, after });
    }
    return { ...rotated, shared: false };
  }

  private async rotateShared(changes: Changes, { tenant }: SignedWebhook, occasion: Occasion): Promise<RotatedSecret> {
    const { id } = tenant;
    const { caller, at } = occasion;
    const { secrets, ...rotated } = this.rotated(tenant.secrets, tenantAad(id), occasion);
    if (!isDeepStrictEqual(secrets, liveSecrets(tenant.secrets, at))) {
      await changes.putTenants([{ ...tenant, secrets, updated_at: at }]);
      const after = told(rotated, occasion);
      const details = { shared: true, ...after };
      const sharing = await changes.sharingWebhooks(id);
      await changes.recordHistories(
        sharing.map((webhook_id) => calledEntry(caller, { webhook_id, at, action: "secret_rotated", details })),
      );
      const deed = { at, tenant_id: id, action: "tenant.secret_rotated", resource_id: id, after } as const;
      await changes.recordAudit(auditEntry(caller, deed));
    }
    return { ...rotated, shared: true };
  }

  private rotated(secrets: SignedWebhook["webhook"]["secrets"], aad: string, occasion: Occasion): Rotated {
    return rotate(secrets, occasion, { box: this.parts.box, aad, now: occasion.at });
  }
}

/** What may be told of a rotation: never the secret. */
function told({ previous_expires_at }: Pick<Rotated, "previous_expires_at">, { imported }: Rotating) {
  return {
    origin: imported === null ? "generated" : "imported",
    previous_expires_at: previous_expires_at === null ? null : new Date(previous_expires_at).toISOString(),
  };
}
