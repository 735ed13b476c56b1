import type { KeyUseStore } from "./ports";

/** A key's row is written at most this often by one process, however much the key is used. */
const WRITE_EVERY_MS = 60_000;

/**
 * When API keys were last used. Noting it costs a request nothing: it stays in memory until `store` is called, again and
 * again, and a process that dies takes what it noted since with it.
 */
export class KeyUses {
  /** The last use of each key, in milliseconds since the epoch, as far as it is not stored. */
  private readonly noted = new Map<string, number>();
  private readonly writtenAt = new Map<string, number>();

  constructor(
    private readonly parts: {
      readonly uses: KeyUseStore;
      /** Milliseconds since the epoch. */
      readonly now: () => number;
    },
  ) {}

  /** That a key was used at a time, in milliseconds since the epoch; later ones may have been noted before. */
  note(keyId: string, at: number): void {
    const known = this.noted.get(keyId);
    if (known === undefined || known < at) this.noted.set(keyId, at);
  }

  /**
   * Stores what was noted of keys that were not written for a while.
   * @throws WaggleError `database_unavailable`: what was not stored is kept for the next time
   */
  store(): Promise<void> {
    const before = this.parts.now() - WRITE_EVERY_MS;
    for (const [keyId, at] of this.writtenAt) if (at <= before) this.writtenAt.delete(keyId);
    return this.write([...this.noted].filter(([keyId]) => !this.writtenAt.has(keyId)));
  }

  /** Stores all that was noted: for a process that ends. Rejects as `store`. */
  storeAll(): Promise<void> {
    return this.write([...this.noted]);
  }

  private async write(uses: readonly (readonly [keyId: string, at: number])[]): Promise<void> {
    if (uses.length === 0) return;
    const { uses: store, now } = this.parts;
    await store.recordUses(uses.map(([key_id, last_used_at]) => ({ key_id, last_used_at })));
    const writtenAt = now();
    for (const [keyId, at] of uses) {
      this.writtenAt.set(keyId, writtenAt);
      // A use that was noted meanwhile waits for the next time.
      if (this.noted.get(keyId) === at) this.noted.delete(keyId);
    }
  }
}
