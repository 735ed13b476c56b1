import { isDeepStrictEqual } from "node:util";
import { emptyQuerySchema, pageQuerySchema, tenantChangeSchema, tenantCreationSchema } from "@waggle/contracts";
import { SHARED_SECRET_BY_DEFAULT } from "@waggle/domain";
import { newId, type SecretBox } from "@waggle/secrets";
import { auditEntry, type Deed } from "../audit/audit-entry";
import { tenantSides, toldTenant } from "../audit/told";
import { type Caller, notFound, requireOperator } from "../caller";
import type { Once } from "../idempotency/once";
import { isId } from "../ids";
import { addFirstAddress } from "../inbound-addresses/first-address";
import { type Page, readPage } from "../page";
import type { Changes, ManagementStore } from "../ports";
import { readInput } from "../read-input";
import { newSharedSecret, withOwnSecrets } from "../webhooks/signing-secret";
import { sharesSecret, type Tenant } from "./tenant";

export interface TenantsParts {
  readonly store: ManagementStore;
  readonly box: SecretBox;
  readonly now: () => number;
}

export interface TenantRequest {
  readonly id: string;
  readonly query: unknown;
}

/**
 * Tenants are the operator's alone. `query` and `body` are what was sent; each method judges the caller first, then
 * reads them.
 */
export class Tenants {
  constructor(private readonly parts: TenantsParts) {}

  async create(
    caller: Caller,
    request: { readonly query: unknown; readonly body: unknown; readonly once?: Once<Tenant> | undefined },
  ): Promise<Tenant> {
    requireOperator(caller);
    readInput(emptyQuerySchema, request.query);
    const input = readInput(tenantCreationSchema, request.body);
    const { box, now, store } = this.parts;
    const createdAt = now();
    const id = newId("ten", createdAt);
    const dialect = input.dialect ?? "hiveku";
    const shares = input.shared_secret ?? SHARED_SECRET_BY_DEFAULT[dialect];
    const tenant: Tenant = {
      id,
      name: input.name,
      dialect,
      alert_email: input.alert_email ?? null,
      secrets: shares ? newSharedSecret(box, id) : [],
      created_at: createdAt,
      updated_at: createdAt,
    };
    return store.change(async (changes) => {
      await changes.putTenants([tenant]);
      await record(changes, caller, { tenant, at: createdAt, action: "tenant.created", after: toldTenant(tenant) });
      await addFirstAddress(changes, caller, { tenant, at: createdAt });
      return tenant;
    }, request.once);
  }

  async list(caller: Caller, query: unknown): Promise<Page<Tenant>> {
    requireOperator(caller);
    return readPage(readInput(pageQuerySchema, query), (page) => this.parts.store.tenants(page));
  }

  async get(caller: Caller, { id, query }: TenantRequest): Promise<Tenant> {
    requireOperator(caller);
    readInput(emptyQuerySchema, query);
    const tenant = isId("ten", id) ? await this.parts.store.tenant(id) : null;
    if (!tenant) throw notFound("tenant");
    return tenant;
  }

  async change(caller: Caller, { id, query, body }: TenantRequest & { readonly body: unknown }): Promise<Tenant> {
    requireOperator(caller);
    readInput(emptyQuerySchema, query);
    const input = readInput(tenantChangeSchema, body);
    return this.parts.store.change(async (changes) => {
      const before = await lock(changes, id);
      const after: Tenant = {
        ...before,
        name: input.name ?? before.name,
        dialect: input.dialect ?? before.dialect,
        alert_email: input.alert_email === undefined ? before.alert_email : input.alert_email,
        secrets: await this.secretsAfter(before, input.shared_secret ?? sharesSecret(before), changes),
      };
      if (isDeepStrictEqual(before, after)) return before;
      const written = { ...after, updated_at: this.parts.now() };
      await changes.putTenants([written]);
      const at = written.updated_at;
      await record(changes, caller, { tenant: written, at, action: "tenant.changed", ...tenantSides(before, written) });
      if (before.dialect !== written.dialect) await addFirstAddress(changes, caller, { tenant: written, at });
      return written;
    });
  }

  /** Takes its webhooks, secrets, API keys and inbound addresses with it; what was delivered or came in stays in the log until it expires. */
  async remove(caller: Caller, { id, query }: TenantRequest): Promise<void> {
    requireOperator(caller);
    readInput(emptyQuerySchema, query);
    const deletedAt = this.parts.now();
    await this.parts.store.change(async (changes) => {
      const tenant = await lock(changes, id);
      const removed = await changes.removeTenant(tenant.id, deletedAt);
      const before = { ...toldTenant(tenant), ...removed };
      await record(changes, caller, { tenant, at: deletedAt, action: "tenant.deleted", before });
    });
  }

  /**
   * Sharing begins with webhooks made from now on; those that exist keep the secrets their receivers know. When it
   * ends, the webhooks that shared keep the secret, each as its own.
   */
  private async secretsAfter(before: Tenant, shares: boolean, changes: Changes): Promise<Tenant["secrets"]> {
    const { box, now } = this.parts;
    if (shares === sharesSecret(before)) return before.secrets;
    if (shares) return newSharedSecret(box, before.id);
    const sharing = await changes.lockSharingWebhooks(before.id);
    const sealing = { box, now: now() };
    await changes.putWebhooks(sharing.map((webhook) => withOwnSecrets(webhook, before, sealing)));
    return [];
  }
}

async function lock(changes: Changes, id: string): Promise<Tenant> {
  const tenant = isId("ten", id) ? await changes.lockTenant(id, "update") : null;
  if (!tenant) throw notFound("tenant");
  return tenant;
}

function record(
  changes: Changes,
  caller: Caller,
  { tenant, ...deed }: Omit<Deed, "tenant_id" | "resource_id"> & { readonly tenant: Tenant },
): Promise<void> {
  return changes.recordAudit(auditEntry(caller, { ...deed, tenant_id: tenant.id, resource_id: tenant.id }));
}
