/** A use of an API key; `last_used_at` in milliseconds since the epoch. */
export interface KeyUse {
  readonly key_id: string;
  readonly last_used_at: number;
}

export abstract class KeyUseStore {
  /**
   * Moves the last uses of keys forward, never back; keys that are gone are passed over.
   * @throws WaggleError `database_unavailable`
   */
  abstract recordUses(uses: readonly KeyUse[]): Promise<void>;
}
