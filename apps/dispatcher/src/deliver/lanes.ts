export const LANES = ["fast", "slow"] as const;
/** Healthy webhooks run in the fast lane; those that answer slowly have their own slots, so they can fill only those. */
export type Lane = (typeof LANES)[number];

export interface LaneLimits {
  /** Attempts that may be in flight in each lane. */
  readonly slots: Readonly<Record<Lane, number>>;
  /** Bytes of deliveries beyond which a lane takes no further one, whatever its slots. */
  readonly bytes: number;
}

/** How much may be in flight in each lane. */
export class Lanes {
  private readonly used: Record<Lane, number> = { fast: 0, slow: 0 };
  private readonly bytes: Record<Lane, number> = { fast: 0, slow: 0 };

  /** @param isHeld whether nothing may begin for the moment, whatever is in flight */
  constructor(
    private readonly limits: LaneLimits,
    private readonly isHeld: () => boolean = () => false,
  ) {}

  hasRoom(lane: Lane): boolean {
    return !this.isHeld() && this.used[lane] < this.limits.slots[lane] && this.bytes[lane] < this.limits.bytes;
  }

  count(lane: Lane): number {
    return this.used[lane];
  }

  /** Also without room: an attempt that turns slow is not stopped for it. */
  enter(lane: Lane, bytes: number): void {
    this.change(lane, 1, bytes);
  }

  leave(lane: Lane, bytes: number): void {
    this.change(lane, -1, -bytes);
  }

  private change(lane: Lane, count: number, bytes: number): void {
    this.used[lane] += count;
    this.bytes[lane] += bytes;
  }
}
