import { apiKeyCreationSchema, tenantPageQuerySchema, tenantQuerySchema } from "@waggle/contracts";
import { WaggleError } from "@waggle/domain";
import { generateApiKey, hashApiKey, newId } from "@waggle/secrets";
import { auditEntry } from "../audit/audit-entry";
import { toldApiKey } from "../audit/told";
import { type Caller, namedTenant, notFound, requireManage, visibleTenant } from "../caller";
import type { Once } from "../idempotency/once";
import { isId } from "../ids";
import { type Page, readPage } from "../page";
import type { ManagementStore } from "../ports";
import { readInput } from "../read-input";
import { requireRoom, type TenantLimits } from "../tenant-limits";
import type { ApiKey } from "./api-key";

/** A new key, shown this once. */
export interface CreatedApiKey {
  readonly api_key: ApiKey;
  readonly key: string;
}

/** `query` and `body` are what was sent; each method judges the caller first, then reads them. */
export class ApiKeys {
  constructor(
    private readonly parts: {
      readonly store: ManagementStore;
      readonly limits: TenantLimits;
      readonly now: () => number;
    },
  ) {}

  /** The key itself is in the answer and nowhere else. */
  async create(
    caller: Caller,
    request: { readonly query: unknown; readonly body: unknown; readonly once?: Once<CreatedApiKey> | undefined },
  ): Promise<CreatedApiKey> {
    requireManage(caller);
    const { tenant_id: named } = readInput(tenantQuerySchema, request.query);
    const input = readInput(apiKeyCreationSchema, request.body);
    const tenantId = namedTenant(caller, named);
    const now = this.parts.now();
    requireFuture(input.expires_at, now);
    const key = generateApiKey();
    const apiKey: ApiKey = {
      id: newId("key", now),
      tenant_id: tenantId,
      ...input,
      key_hash: hashApiKey(key),
      created_at: now,
      last_used_at: null,
    };
    return this.parts.store.change(async (changes) => {
      if (!isId("ten", tenantId) || !(await changes.lockTenant(tenantId, "share"))) throw notFound("tenant");
      await requireRoom(changes, { things: "api_keys", tenantId, limits: this.parts.limits });
      await changes.putApiKeys([apiKey]);
      const deed = { at: now, tenant_id: tenantId, action: "api_key.created", resource_id: apiKey.id } as const;
      await changes.recordAudit(auditEntry(caller, { ...deed, after: toldApiKey(apiKey) }));
      return { api_key: apiKey, key };
    }, request.once);
  }

  async list(caller: Caller, query: unknown): Promise<Page<ApiKey>> {
    requireManage(caller);
    const { tenant_id: named, ...page } = readInput(tenantPageQuerySchema, query);
    const tenantId = visibleTenant(caller, named);
    return readPage(page, (wanted) => this.parts.store.apiKeys({ ...wanted, tenant_id: tenantId }));
  }

  async get(caller: Caller, request: { readonly id: string; readonly query: unknown }): Promise<ApiKey> {
    const tenantId = allowedTenant(caller, request.query);
    const key = isId("key", request.id) ? await this.parts.store.apiKey(request.id) : null;
    if (!key || (tenantId !== null && key.tenant_id !== tenantId)) throw notFound("API key");
    return key;
  }

  async remove(caller: Caller, request: { readonly id: string; readonly query: unknown }): Promise<void> {
    const { id } = request;
    const tenant_id = allowedTenant(caller, request.query);
    const deleted_at = this.parts.now();
    if (!isId("key", id)) throw notFound("API key");
    await this.parts.store.change(async (changes) => {
      const removed = await changes.removeApiKey({ id, tenant_id, deleted_at });
      if (!removed) throw notFound("API key");
      const deed = {
        at: deleted_at,
        tenant_id: removed.tenant_id,
        action: "api_key.deleted",
        resource_id: id,
      } as const;
      await changes.recordAudit(auditEntry(caller, { ...deed, before: toldApiKey(removed) }));
    });
  }
}

/** The tenant whose key a request may be about, null: any. */
function allowedTenant(caller: Caller, query: unknown): string | null {
  requireManage(caller);
  return visibleTenant(caller, readInput(tenantQuerySchema, query).tenant_id);
}

function requireFuture(expiresAt: number | null, now: number): void {
  if (expiresAt === null || expiresAt > now) return;
  throw new WaggleError("validation_failed", "some fields are wrong", {
    errors: [{ path: "/expires_at", message: "must lie in the future" }],
  });
}
