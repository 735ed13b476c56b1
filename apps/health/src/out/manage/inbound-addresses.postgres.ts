import { InboundAddressEntity, type InboundAddressRow } from "@waggle/postgres";
import { type EntityManager, In } from "typeorm";
import { inboundEntry } from "../../manage/directory-entry";
import type { InboundAddress } from "../../manage/inbound-addresses/inbound-address";
import type { OfTenant } from "../../manage/ports";
import { announce, announceDeleted } from "./directory-records.postgres";
import { inStatements } from "./in-statements";

const LOCK = { mode: "pessimistic_write" } as const;

export function inboundAddressOfRow({ version: _version, ...address }: InboundAddressRow): InboundAddress {
  return address;
}

/** In the transaction that makes or renews them. */
export async function putInboundAddresses(manager: EntityManager, addresses: readonly InboundAddress[]): Promise<void> {
  const announced = await announce(manager, addresses, (address, version) => ({
    kind: "inbound",
    id: address.hash,
    entry: inboundEntry(address, version),
  }));
  const rows = announced.map(({ item, version }) => ({ ...item, version }));
  for (const some of inStatements(rows)) await manager.upsert(InboundAddressEntity, some, ["id"]);
}

export async function lockInboundAddresses(
  manager: EntityManager,
  hashes: readonly string[],
): Promise<InboundAddress[]> {
  const found = await manager.find(InboundAddressEntity, {
    where: { hash: In(hashes) },
    order: { id: "ASC" },
    lock: LOCK,
  });
  return found.map(inboundAddressOfRow);
}

/** The hashes of a tenant's addresses, which nobody removes until the transaction ends. */
export async function lockHashesOfTenant(manager: EntityManager, tenant_id: string): Promise<string[]> {
  const order = { id: "ASC" } as const;
  return (await manager.find(InboundAddressEntity, { where: { tenant_id }, order, lock: LOCK })).map(
    ({ hash }) => hash,
  );
}

export async function removeInboundAddress(
  manager: EntityManager,
  { hash, tenant_id, deleted_at }: { readonly hash: string; readonly deleted_at: number } & OfTenant,
): Promise<InboundAddress | null> {
  const where = { hash, ...(tenant_id === null ? {} : { tenant_id }) };
  const row = await manager.findOne(InboundAddressEntity, { where, lock: LOCK });
  if (!row) return null;
  await manager.delete(InboundAddressEntity, { id: row.id });
  await announceDeleted(manager, [{ kind: "inbound", id: hash, deleted_at }]);
  return inboundAddressOfRow(row);
}
