import { isDeepStrictEqual } from "node:util";
import {
  emptyBodySchema,
  tenantPageQuerySchema,
  tenantQuerySchema,
  webhookChangeSchema,
  webhookCreationSchema,
} from "@waggle/contracts";
import type { DisabledReason } from "@waggle/domain";
import { newId, type SecretBox } from "@waggle/secrets";
import { auditEntry } from "../audit/audit-entry";
import { toldStatus, toldWebhook, webhookSides } from "../audit/told";
import { type Caller, namedTenant, notFound, requireManage, visibleTenant } from "../caller";
import type { Once } from "../idempotency/once";
import { isId } from "../ids";
import { type Page, readPage } from "../page";
import type { Changes, ManagementStore } from "../ports";
import { readInput } from "../read-input";
import { requireRoom, type TenantLimits } from "../tenant-limits";
import type { Tenant } from "../tenants/tenant";
import { changedFields } from "./history-entry";
import { type EgressGate, judgeEgress } from "./judge-egress";
import { recordChange } from "./record-change";
import { assignSecret, currentSecret } from "./signing-secret";
import { disabled, enabled, type Webhook } from "./webhook";
import { allowedTenant, lockVisible, visible, type WebhookRequest } from "./webhook-access";
import { requireMatch } from "./webhook-etag";
import { applySettings, blankWebhook } from "./webhook-settings";

export interface WebhooksParts {
  readonly store: ManagementStore;
  readonly box: SecretBox;
  readonly egress: EgressGate;
  readonly limits: TenantLimits;
  /** Called once for each webhook that was disabled. */
  readonly onDisabled: (reason: DisabledReason) => void;
  readonly now: () => number;
}

/** What a request makes of a webhook, and what else belongs into the same transaction if that is anything. */
interface Rewriting {
  readonly change: (webhook: Webhook, tenant: Tenant) => Webhook;
  /** Whether it is written, as a new version, even when the webhook itself stays as it is. Never by default. */
  readonly insist?: (changes: Changes, webhook: Webhook) => Promise<boolean>;
  readonly after: (changes: Changes, webhook: Webhook, before: Webhook) => Promise<void>;
}

/** A new webhook, and what its attempts are signed with. */
export interface CreatedWebhook {
  readonly webhook: Webhook;
  readonly secret: string;
}

/** `query` and `body` are what was sent; each method judges the caller first, then reads them. */
export class Webhooks {
  constructor(private readonly parts: WebhooksParts) {}

  async create(
    caller: Caller,
    request: { readonly query: unknown; readonly body: unknown; readonly once?: Once<CreatedWebhook> | undefined },
  ): Promise<CreatedWebhook> {
    const { store, box, egress, limits, now } = this.parts;
    requireManage(caller);
    const { tenant_id: named } = readInput(tenantQuerySchema, request.query);
    const input = readInput(webhookCreationSchema, request.body);
    const tenantId = namedTenant(caller, named);
    await judgeEgress(egress, input);
    const imported = input.secret ?? null;
    return store.change(async (changes) => {
      const tenant =
        isId("ten", tenantId) && (await changes.lockTenant(tenantId, imported === null ? "share" : "update"));
      if (!tenant) throw notFound("tenant");
      await requireRoom(changes, { things: "webhooks", tenantId, limits });
      const createdAt = now();
      const blank = blankWebhook(newId("wh", createdAt), tenant, createdAt);
      const webhook = applySettings(blank, input, { tenantDialect: tenant.dialect, box });
      const inUse = imported !== null && (await changes.isSharedSecretInUse(tenantId));
      const assigned = assignSecret({ webhook, tenant }, imported, { box, inUse });
      if (assigned.tenant !== tenant) {
        await changes.putTenants([{ ...assigned.tenant, updated_at: createdAt }]);
        const deed = { at: createdAt, tenant_id: tenantId, action: "tenant.secret_imported" } as const;
        await changes.recordAudit(auditEntry(caller, { ...deed, resource_id: tenantId }));
      }
      const created = await put(changes, assigned.webhook);
      const after = toldWebhook(created);
      await recordChange(changes, caller, { webhook: created, at: createdAt, action: "created", after });
      return { webhook: created, secret: assigned.secret };
    }, request.once);
  }

  async list(caller: Caller, query: unknown): Promise<Page<Webhook>> {
    requireManage(caller);
    const { tenant_id: named, ...page } = readInput(tenantPageQuerySchema, query);
    const tenantId = visibleTenant(caller, named);
    return readPage(page, (wanted) => this.parts.store.webhooks({ ...wanted, tenant_id: tenantId }));
  }

  async get(caller: Caller, request: WebhookRequest): Promise<Webhook> {
    const tenantId = allowedTenant(caller, request);
    return visible(isId("wh", request.id) ? await this.parts.store.webhook(request.id) : null, tenantId);
  }

  async change(caller: Caller, request: WebhookRequest & { readonly body: unknown }): Promise<Webhook> {
    const { box, egress } = this.parts;
    const tenantId = allowedTenant(caller, request);
    const input = readInput(webhookChangeSchema, request.body);
    await judgeEgress(egress, input);
    const { webhook } = await this.rewrite(request, tenantId, {
      change: (before, tenant) => applySettings(before, input, { tenantDialect: tenant.dialect, box }),
      after: (changes, changed, before) =>
        recordChange(changes, caller, {
          webhook: changed,
          at: changed.updated_at,
          action: "changed",
          details: changedFields(before, changed),
          ...webhookSides(before, changed),
        }),
    });
    return webhook;
  }

  async enable(caller: Caller, request: WebhookRequest & { readonly body: unknown }): Promise<Webhook> {
    const tenantId = allowedTenant(caller, request);
    readInput(emptyBodySchema, request.body);
    const { webhook } = await this.rewrite(request, tenantId, {
      change: enabled,
      // One that is enabled and fails has its whole time again too, and a new version closes its circuit.
      insist: (changes, { id }) => changes.isTroubled(id),
      after: async (changes, changed, before) => {
        const at = changed.updated_at;
        await changes.forgiveFailures(changed, at);
        const sides = { before: toldStatus(before), after: toldStatus(changed) };
        await recordChange(changes, caller, { webhook: changed, at, action: "enabled", ...sides });
      },
    });
    return webhook;
  }

  async disable(caller: Caller, request: WebhookRequest & { readonly body: unknown }): Promise<Webhook> {
    const tenantId = allowedTenant(caller, request);
    readInput(emptyBodySchema, request.body);
    const rewritten = await this.rewrite(request, tenantId, {
      change: (before) => disabled(before, "manual"),
      after: (changes, changed, before) =>
        recordChange(changes, caller, {
          webhook: changed,
          at: changed.updated_at,
          action: "disabled",
          details: { reason: "manual" },
          before: toldStatus(before),
          after: toldStatus(changed),
        }),
    });
    if (rewritten.changed) this.parts.onDisabled("manual");
    return rewritten.webhook;
  }

  async remove(caller: Caller, request: WebhookRequest): Promise<void> {
    const tenantId = allowedTenant(caller, request);
    const deletedAt = this.parts.now();
    await this.parts.store.change(async (changes) => {
      const { webhook } = await lockVisible(changes, { id: request.id, tenantId });
      requireMatch(webhook, request.ifMatch);
      await changes.removeWebhook(webhook.id, deletedAt);
      const { id: resource_id, tenant_id } = webhook;
      const deed = { at: deletedAt, tenant_id, action: "webhook.deleted", resource_id } as const;
      await changes.recordAudit(auditEntry(caller, { ...deed, before: toldWebhook(webhook) }));
    });
  }

  async secret(
    caller: Caller,
    request: WebhookRequest,
  ): Promise<{ readonly secret: string; readonly shared: boolean }> {
    const tenantId = allowedTenant(caller, request);
    // Locked: between two reads the secret could move from the tenant to the webhook.
    return this.parts.store.change(async (changes) =>
      currentSecret(await lockVisible(changes, { id: request.id, tenantId }), this.parts.box),
    );
  }

  /** What changes nothing is not written: no new version, nothing to publish. */
  private rewrite(
    request: WebhookRequest,
    tenantId: string | null,
    { change, insist, after }: Rewriting,
  ): Promise<{ readonly webhook: Webhook; readonly changed: boolean }> {
    return this.parts.store.change(async (changes) => {
      const { webhook: before, tenant } = await lockVisible(changes, { id: request.id, tenantId });
      requireMatch(before, request.ifMatch);
      const rewritten = change(before, tenant);
      if (isDeepStrictEqual(before, rewritten) && !(await insist?.(changes, before))) {
        return { webhook: before, changed: false };
      }
      const webhook = await put(changes, { ...rewritten, updated_at: this.parts.now() });
      await after(changes, webhook, before);
      return { webhook, changed: true };
    });
  }
}

/** The webhook with the version that it was written with. */
async function put(changes: Changes, webhook: Webhook): Promise<Webhook> {
  const [written = webhook] = await changes.putWebhooks([webhook]);
  return written;
}
