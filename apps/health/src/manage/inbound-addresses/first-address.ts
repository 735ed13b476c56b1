import type { Dialect } from "@waggle/domain";
import { generateInboundHash, newId } from "@waggle/secrets";
import { auditEntry } from "../audit/audit-entry";
import { toldInboundAddress } from "../audit/told";
import type { Caller } from "../caller";
import type { Changes } from "../ports";
import type { InboundAddress } from "./inbound-address";

/** Whose tenants have an inbound address from the start. Source: contract §4 "tenants". */
const ADDRESS_BY_DEFAULT: Readonly<Record<Dialect, boolean>> = { hiveku: false, buzzmark: true, standard: false };

/** An address that nobody has yet; `at` in milliseconds since the epoch. */
export function newInboundAddress(tenant_id: string, name: string | null, at: number): InboundAddress {
  return { id: newId("iad", at), tenant_id, hash: generateInboundHash(), name, created_at: at };
}

/** Puts an address and records who made it. The tenant is new or locked. */
export async function addAddress(changes: Changes, caller: Caller, address: InboundAddress): Promise<void> {
  await changes.putInboundAddresses([address]);
  const { tenant_id, hash, created_at: at } = address;
  const deed = { at, tenant_id, action: "inbound_address.created", resource_id: hash } as const;
  await changes.recordAudit(auditEntry(caller, { ...deed, after: toldInboundAddress(address) }));
}

/** Gives a tenant its address when its dialect wants one and it has none. The tenant is new or locked. */
export async function addFirstAddress(
  changes: Changes,
  caller: Caller,
  { tenant, at }: { readonly tenant: { readonly id: string; readonly dialect: Dialect }; readonly at: number },
): Promise<void> {
  if (!ADDRESS_BY_DEFAULT[tenant.dialect]) return;
  if ((await changes.countForCreation("inbound_addresses", tenant.id)) > 0) return;
  await addAddress(changes, caller, newInboundAddress(tenant.id, null, at));
}
