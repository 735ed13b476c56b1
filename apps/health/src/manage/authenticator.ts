import { WaggleError } from "@waggle/domain";
import { hashApiKey } from "@waggle/secrets";
import type { Caller } from "./caller";
import type { ManagementStore } from "./ports";

const API_KEY = /^wag_[A-Za-z0-9_-]{40}$/;

/** Tells who a bearer token stands for. Keys are looked up where they are written, so a deleted one ends at once. */
export class Authenticator {
  constructor(
    private readonly store: ManagementStore,
    /** Compares in constant time. */
    private readonly isAdminToken: (token: string) => boolean,
  ) {}

  /** @throws WaggleError `unauthorized`, or `database_unavailable` when an API key cannot be looked up */
  async authenticate(token: string): Promise<Caller> {
    if (this.isAdminToken(token)) return { kind: "operator" };
    const key = API_KEY.test(token) ? await this.store.apiKeyByHash(hashApiKey(token)) : null;
    if (!key) throw new WaggleError("unauthorized", "the token is unknown or no longer valid");
    return { kind: "api_key", key_id: key.id, tenant_id: key.tenant_id, scopes: key.scopes };
  }
}
