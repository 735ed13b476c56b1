import { WaggleError } from "@waggle/domain";
import { hashApiKey } from "@waggle/secrets";
import { isExpired } from "./api-keys/api-key";
import type { KeyUses } from "./api-keys/key-uses";
import type { Caller } from "./caller";
import type { ManagementStore } from "./ports";

const API_KEY = /^wag_[A-Za-z0-9_-]{40}$/;

/** Tells who a bearer token stands for. Keys are looked up where they are written, so one that is deleted or expires ends at once. */
export class Authenticator {
  constructor(
    private readonly parts: {
      readonly store: Pick<ManagementStore, "apiKeyByHash">;
      /** Compares in constant time. */
      readonly isAdminToken: (token: string) => boolean;
      /** Learns of every key that is good. */
      readonly uses: Pick<KeyUses, "note">;
      /** Milliseconds since the epoch. */
      readonly now: () => number;
    },
  ) {}

  /** @throws WaggleError `unauthorized`, or `database_unavailable` when an API key cannot be looked up */
  async authenticate(token: string): Promise<Caller> {
    const { store, isAdminToken, uses, now } = this.parts;
    if (isAdminToken(token)) return { kind: "operator" };
    const key = API_KEY.test(token) ? await store.apiKeyByHash(hashApiKey(token)) : null;
    const at = now();
    if (!key || isExpired(key, at)) throw new WaggleError("unauthorized", "the token is unknown or no longer valid");
    uses.note(key.id, at);
    return { kind: "api_key", key_id: key.id, tenant_id: key.tenant_id, scopes: key.scopes };
  }
}
