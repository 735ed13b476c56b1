import type { Scope } from "@waggle/contracts";
import { WaggleError } from "@waggle/domain";

/** Who asks: the operator with the admin token, or an API key of one tenant. */
export type Caller =
  | { readonly kind: "operator" }
  | {
      readonly kind: "api_key";
      readonly key_id: string;
      readonly tenant_id: string;
      readonly scopes: readonly Scope[];
    };

/** @throws WaggleError `insufficient_scope` unless the caller is the operator */
export function requireOperator(caller: Caller): void {
  if (caller.kind !== "operator") throw new WaggleError("insufficient_scope", "this takes the admin token");
}

/** @throws WaggleError `insufficient_scope` for an API key without scope manage */
export function requireManage(caller: Caller): void {
  if (caller.kind === "operator" || caller.scopes.includes("manage")) return;
  throw new WaggleError("insufficient_scope", "this takes an API key with scope manage");
}

/**
 * Which tenant's things a caller gets to see: its own, or – the operator – those of the tenant it names, or of all
 * (null) when it names none.
 * @throws WaggleError `insufficient_scope` as `requireManage`; `not_found` when an API key names another tenant
 */
export function visibleTenant(caller: Caller, named: string | null): string | null {
  requireManage(caller);
  if (caller.kind === "operator") return named;
  if (named !== null && named !== caller.tenant_id) throw notFound("tenant");
  return caller.tenant_id;
}

/**
 * The one tenant a request creates something for.
 * @throws WaggleError as `visibleTenant`; `validation_failed` when the operator names none
 */
export function namedTenant(caller: Caller, named: string | null): string {
  const tenantId = visibleTenant(caller, named);
  if (tenantId !== null) return tenantId;
  throw new WaggleError("validation_failed", "name the tenant with ?tenant_id=", {
    errors: [{ path: "/tenant_id", message: "is required with the admin token" }],
  });
}

/** Another tenant's thing and one that never was are the same to whoever asks: neither is named. */
export function notFound(
  what:
    | "tenant"
    | "API key"
    | "webhook"
    | "delivery"
    | "event"
    | "email"
    | "recovery"
    | "inbound address"
    | "inbound message"
    | "attachment",
): WaggleError<"not_found"> {
  return new WaggleError("not_found", `there is no such ${what}`);
}
