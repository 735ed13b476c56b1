import type { ApiKeyEntry } from "@waggle/contracts";
import type { DirectoryTable } from "@waggle/kafka";
import { hashApiKey } from "@waggle/secrets";
import { ApiKeys } from "../accept/ports";

/**
 * API keys from the directory. A key is looked up by its SHA-256, so the time that takes depends on a hash nobody can
 * steer towards a stored one: it tells nothing of any key.
 */
export class DirectoryApiKeys extends ApiKeys {
  constructor(private readonly directory: DirectoryTable) {
    super();
  }

  find(key: string): ApiKeyEntry | null {
    return this.directory.apiKey(hashApiKey(key)) ?? null;
  }
}
