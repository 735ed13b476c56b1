import { inboundAddressCreationSchema, tenantPageQuerySchema, tenantQuerySchema } from "@waggle/contracts";
import { auditEntry } from "../audit/audit-entry";
import { toldInboundAddress } from "../audit/told";
import { type Caller, namedTenant, notFound, requireManage, visibleTenant } from "../caller";
import type { Once } from "../idempotency/once";
import { isId } from "../ids";
import { type Page, readPage } from "../page";
import type { ManagementStore } from "../ports";
import { readInput } from "../read-input";
import { requireRoom, type TenantLimits } from "../tenant-limits";
import { addAddress, newInboundAddress } from "./first-address";
import type { InboundAddress, ReachableAddress } from "./inbound-address";

/** `query` and `body` are what was sent; each method judges the caller first, then reads them. */
export class InboundAddresses {
  constructor(
    private readonly parts: {
      readonly store: ManagementStore;
      readonly limits: TenantLimits;
      /** What stands behind the @. */
      readonly domain: string;
      readonly now: () => number;
    },
  ) {}

  /**
   * @throws WaggleError as `namedTenant`; `validation_failed`; `not_found`; `limit_reached`; `database_unavailable`
   */
  async create(
    caller: Caller,
    request: { readonly query: unknown; readonly body: unknown; readonly once?: Once<ReachableAddress> | undefined },
  ): Promise<ReachableAddress> {
    requireManage(caller);
    const { tenant_id: named } = readInput(tenantQuerySchema, request.query);
    const input = readInput(inboundAddressCreationSchema, request.body);
    const tenantId = namedTenant(caller, named);
    const { store, limits, now } = this.parts;
    const address = newInboundAddress(tenantId, input?.name ?? null, now());
    return store.change(async (changes) => {
      if (!isId("ten", tenantId) || !(await changes.lockTenant(tenantId, "share"))) throw notFound("tenant");
      await requireRoom(changes, { things: "inbound_addresses", tenantId, limits });
      await addAddress(changes, caller, address);
      return this.reachable(address);
    }, request.once);
  }

  async list(caller: Caller, query: unknown): Promise<Page<ReachableAddress>> {
    requireManage(caller);
    const { tenant_id: named, ...page } = readInput(tenantPageQuerySchema, query);
    const tenant_id = visibleTenant(caller, named);
    const { items, next_cursor } = await readPage(page, (wanted) => {
      return this.parts.store.inboundAddresses({ ...wanted, tenant_id });
    });
    return { items: items.map((address) => this.reachable(address)), next_cursor };
  }

  /** Mail for it is refused within 5 s; what came in before stays. */
  async remove(caller: Caller, { hash, query }: { readonly hash: string; readonly query: unknown }): Promise<void> {
    requireManage(caller);
    const tenant_id = visibleTenant(caller, readInput(tenantQuerySchema, query).tenant_id);
    const deleted_at = this.parts.now();
    if (!/^[a-z2-7]{32}$/.test(hash)) throw notFound("inbound address");
    await this.parts.store.change(async (changes) => {
      const removed = await changes.removeInboundAddress({ hash, tenant_id, deleted_at });
      if (!removed) throw notFound("inbound address");
      const deed = {
        at: deleted_at,
        tenant_id: removed.tenant_id,
        action: "inbound_address.deleted",
        resource_id: hash,
      } as const;
      await changes.recordAudit(auditEntry(caller, { ...deed, before: toldInboundAddress(removed) }));
    });
  }

  private reachable(address: InboundAddress): ReachableAddress {
    return { ...address, address: `${address.hash}@${this.parts.domain}` };
  }
}
