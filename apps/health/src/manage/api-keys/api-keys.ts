import { apiKeyCreationSchema, tenantPageQuerySchema, tenantQuerySchema } from "@waggle/contracts";
import { generateApiKey, hashApiKey, newId } from "@waggle/secrets";
import { type Caller, namedTenant, notFound, requireManage, visibleTenant } from "../caller";
import { isId } from "../ids";
import { type Page, readPage } from "../page";
import type { ManagementStore } from "../ports";
import { readInput } from "../read-input";
import { requireRoom, type TenantLimits } from "../tenant-limits";
import type { ApiKey } from "./api-key";

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
    request: { readonly query: unknown; readonly body: unknown },
  ): Promise<{ readonly api_key: ApiKey; readonly key: string }> {
    requireManage(caller);
    const { tenant_id: named } = readInput(tenantQuerySchema, request.query);
    const input = readInput(apiKeyCreationSchema, request.body);
    const tenantId = namedTenant(caller, named);
    const now = this.parts.now();
    const key = generateApiKey();
    const apiKey: ApiKey = {
      id: newId("key", now),
      tenant_id: tenantId,
      ...input,
      key_hash: hashApiKey(key),
      created_at: now,
    };
    await this.parts.store.change(async (changes) => {
      if (!isId("ten", tenantId) || !(await changes.lockTenant(tenantId, "share"))) throw notFound("tenant");
      await requireRoom(changes, { things: "api_keys", tenantId, limits: this.parts.limits });
      await changes.putApiKeys([apiKey]);
    });
    return { api_key: apiKey, key };
  }

  async list(caller: Caller, query: unknown): Promise<Page<ApiKey>> {
    requireManage(caller);
    const { tenant_id: named, ...page } = readInput(tenantPageQuerySchema, query);
    const tenantId = visibleTenant(caller, named);
    return readPage(page, (wanted) => this.parts.store.apiKeys({ ...wanted, tenant_id: tenantId }));
  }

  async remove(caller: Caller, request: { readonly id: string; readonly query: unknown }): Promise<void> {
    requireManage(caller);
    const { tenant_id: named } = readInput(tenantQuerySchema, request.query);
    const key = { id: request.id, tenant_id: visibleTenant(caller, named), deleted_at: this.parts.now() };
    const found = isId("key", key.id) && (await this.parts.store.change((changes) => changes.removeApiKey(key)));
    if (!found) throw notFound("API key");
  }
}
