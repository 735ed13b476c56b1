import { type buildConnector, Pool } from "undici";

/** Origins whose pools are kept; beyond, the one used longest ago is closed once it is idle. */
const MOST_POOLS = 10_000;
/** Milliseconds an idle connection is kept: less than the 5 s after which common servers close it, or a POST meets the close. */
const KEEP_ALIVE_MS = 4_000;
/** Bytes of response headers. Source: safety.md "Limits". */
export const MAX_HEADER_BYTES = 16_384;

/** One undici pool per origin, the least recently used ones let go. How much is sent at once is decided before. */
export class OriginPools {
  private readonly pools = new Map<string, Pool>();

  constructor(private readonly connector: buildConnector.connector) {}

  of(origin: string): Pool {
    const known = this.pools.get(origin);
    if (known) {
      // A Map keeps insertion order: the first is the one used longest ago.
      this.pools.delete(origin);
      this.pools.set(origin, known);
      return known;
    }
    const pool = new Pool(origin, {
      connect: this.connector,
      pipelining: 1,
      keepAliveTimeout: KEEP_ALIVE_MS,
      keepAliveMaxTimeout: KEEP_ALIVE_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
      // The attempt's own deadline covers both.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    this.pools.set(origin, pool);
    this.letGo();
    return pool;
  }

  async close(): Promise<void> {
    await Promise.all([...this.pools.values()].map((pool) => pool.destroy()));
  }

  private letGo(): void {
    if (this.pools.size <= MOST_POOLS) return;
    const [oldest] = this.pools;
    if (!oldest) return;
    this.pools.delete(oldest[0]);
    // Waits for what is in flight on it; nobody waits for that.
    oldest[1].close().catch(() => undefined);
  }
}
