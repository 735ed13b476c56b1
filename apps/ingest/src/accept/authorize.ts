import { WaggleError } from "@waggle/domain";
import type { ApiKeys } from "./ports";

/**
 * The tenant that an API key publishes for, at `now` in milliseconds since the epoch. Why a key is refused is not said:
 * an unknown, a deleted and an expired one look the same.
 * @throws WaggleError `unauthorized`, or `insufficient_scope` when the key may not publish
 */
export function authorize(keys: ApiKeys, key: string, now: number): string {
  const entry = keys.find(key);
  if (entry === null || (entry.expires_at !== null && entry.expires_at <= now)) {
    throw new WaggleError("unauthorized", "the API key is unknown or no longer valid");
  }
  if (!entry.scopes.includes("publish")) {
    throw new WaggleError("insufficient_scope", "the API key has no scope publish");
  }
  return entry.tenant_id;
}
