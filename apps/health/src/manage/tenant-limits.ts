import { WaggleError } from "@waggle/domain";
import type { Changes, CountedThing } from "./ports";

/** How many of its things one tenant may have. */
export type TenantLimits = Readonly<Record<CountedThing, number>>;

const CALLED: Readonly<Record<CountedThing, string>> = {
  webhooks: "webhooks",
  api_keys: "API keys",
  inbound_addresses: "inbound addresses",
};

/**
 * To be called in the transaction that creates one, before it does and after the tenant was locked: until that ends,
 * others who would create one wait, so that together they do not pass the limit. A tenant that has more already,
 * because the limit was lowered, keeps them.
 * @throws WaggleError `limit_reached`
 */
export async function requireRoom(
  changes: Pick<Changes, "countForCreation">,
  {
    things,
    tenantId,
    limits,
  }: { readonly things: CountedThing; readonly tenantId: string; readonly limits: TenantLimits },
): Promise<void> {
  if ((await changes.countForCreation(things, tenantId)) < limits[things]) return;
  throw new WaggleError("limit_reached", `a tenant has at most ${limits[things]} ${CALLED[things]}`);
}
