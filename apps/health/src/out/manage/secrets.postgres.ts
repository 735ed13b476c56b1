import { isDeepStrictEqual } from "node:util";
import type { SealedSecret } from "@waggle/contracts";
import { SecretEntity } from "@waggle/postgres";
import { type EntityManager, In, IsNull } from "typeorm";
import { inStatements } from "./in-statements";
import { type SecretsByOwner, secretsByOwner } from "./management-rows";

/** The sealed secrets of one owner; `webhook_id` null: of the tenant itself. Newest first. */
export interface OwnedSecrets {
  readonly tenant_id: string;
  readonly webhook_id: string | null;
  readonly secrets: readonly SealedSecret[];
}

interface Owner {
  readonly id: string;
}

export async function secretsOfTenants(manager: EntityManager, tenants: readonly Owner[]): Promise<SecretsByOwner> {
  const where = { tenant_id: In(tenants.map(({ id }) => id)), webhook_id: IsNull() };
  return secretsByOwner(await manager.find(SecretEntity, { where, order: { id: "DESC" } }));
}

export async function secretsOfWebhooks(manager: EntityManager, webhooks: readonly Owner[]): Promise<SecretsByOwner> {
  const where = { webhook_id: In(webhooks.map(({ id }) => id)) };
  return secretsByOwner(await manager.find(SecretEntity, { where, order: { id: "DESC" } }));
}

/** Makes these the secrets of their owners; what is so already is left alone. */
export async function putSecrets(
  manager: EntityManager,
  owners: readonly OwnedSecrets[],
  kept: SecretsByOwner,
): Promise<void> {
  const changed = owners.filter(
    ({ tenant_id, webhook_id, secrets }) => !isDeepStrictEqual(kept.get(webhook_id ?? tenant_id) ?? [], secrets),
  );
  for (const { tenant_id, webhook_id } of changed) {
    if (!kept.has(webhook_id ?? tenant_id)) continue;
    await manager.delete(SecretEntity, { tenant_id, webhook_id: webhook_id ?? IsNull() });
  }
  // Oldest first, so that the newest gets the highest id.
  const rows = changed.flatMap(({ secrets, ...owner }) =>
    secrets.toReversed().map((secret) => ({ ...owner, ...secret })),
  );
  for (const some of inStatements(rows)) await manager.insert(SecretEntity, some);
}
