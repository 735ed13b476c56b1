import type { inboundAddressSchema, Shown } from "@waggle/contracts";
import type { ReachableAddress } from "../../manage/inbound-addresses/inbound-address";

export function inboundAddressView(address: ReachableAddress): Shown<typeof inboundAddressSchema> {
  return {
    hash: address.hash,
    address: address.address,
    tenant_id: address.tenant_id,
    name: address.name,
    created_at: new Date(address.created_at).toISOString(),
  };
}
