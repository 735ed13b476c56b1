export const LANES = ["fast", "slow"] as const;
/** Healthy webhooks run in the fast lane; those that answer slowly have their own slots, so they can fill only those. */
export type Lane = (typeof LANES)[number];

/** How many attempts may be in flight in each lane. */
export class Lanes {
  private readonly used: Record<Lane, number> = { fast: 0, slow: 0 };

  constructor(
    private readonly slots: Readonly<Record<Lane, number>>,
    private readonly onChange: (lane: Lane, count: number) => void = () => undefined,
  ) {}

  hasRoom(lane: Lane): boolean {
    return this.used[lane] < this.slots[lane];
  }

  count(lane: Lane): number {
    return this.used[lane];
  }

  enter(lane: Lane): void {
    this.used[lane] += 1;
    this.onChange(lane, this.used[lane]);
  }

  leave(lane: Lane): void {
    this.used[lane] -= 1;
    this.onChange(lane, this.used[lane]);
  }
}
