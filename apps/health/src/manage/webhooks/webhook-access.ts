import { tenantQuerySchema } from "@waggle/contracts";
import { type Caller, notFound, requireManage, visibleTenant } from "../caller";
import { isId } from "../ids";
import type { Changes } from "../ports";
import { readInput } from "../read-input";
import type { SignedWebhook } from "./signing-secret";
import type { Webhook } from "./webhook";

/** `query` is what was sent with the request; `?tenant_id=` must name the webhook's tenant, if it is there. */
export interface WebhookRequest {
  readonly id: string;
  readonly query: unknown;
  /** The state it must have to be changed, as `If-Match` says it; absent: any. */
  readonly ifMatch?: string | undefined;
}

/**
 * The tenant whose webhook a request may be about, null: any.
 * @throws WaggleError `insufficient_scope`, `validation_failed`, `not_found`
 */
export function allowedTenant(caller: Caller, request: WebhookRequest): string | null {
  requireManage(caller);
  return visibleTenant(caller, readInput(tenantQuerySchema, request.query).tenant_id);
}

/**
 * A webhook locked for update, and its tenant as `tenantMode` says (for share).
 * @throws WaggleError `not_found` as `visible`
 */
export async function lockVisible(
  changes: Changes,
  wanted: { readonly id: string; readonly tenantId: string | null; readonly tenantMode?: "share" | "update" },
): Promise<SignedWebhook> {
  const { id, tenantId, tenantMode = "share" } = wanted;
  const locked = isId("wh", id) ? await changes.lockWebhook(id, tenantMode) : null;
  if (!locked) throw notFound("webhook");
  visible(locked.webhook, tenantId);
  return locked;
}

/** @throws WaggleError `not_found` for none, and for one that the caller does not get to see */
export function visible(webhook: Webhook | null, tenantId: string | null): Webhook {
  if (!webhook || (tenantId !== null && webhook.tenant_id !== tenantId)) throw notFound("webhook");
  return webhook;
}
