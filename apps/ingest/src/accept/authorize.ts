import { WaggleError } from "@waggle/domain";
import type { ApiKeys } from "./ports";

/** Whose events they are, and which API key they came with. */
export interface Publisher {
  readonly tenantId: string;
  readonly keyId: string;
}

/**
 * Who publishes with an API key, at `now` in milliseconds since the epoch. Why a key is refused is not said:
 * an unknown, a deleted and an expired one look the same.
 * @throws WaggleError `unauthorized`, or `insufficient_scope` when the key may not publish
 */
export function authorize(keys: ApiKeys, key: string, now: number): Publisher {
  const entry = keys.find(key);
  if (entry === null || (entry.expires_at !== null && entry.expires_at <= now)) {
    throw new WaggleError("unauthorized", "the API key is unknown or no longer valid");
  }
  if (!entry.scopes.includes("publish")) {
    throw new WaggleError("insufficient_scope", "the API key has no scope publish");
  }
  return { tenantId: entry.tenant_id, keyId: entry.id };
}
