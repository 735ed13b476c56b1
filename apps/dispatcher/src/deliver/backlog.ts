/**
 * Whose turn it is among one webhook's deliveries, parked ones included. Each gets a position when it first arrives
 * and keeps it while it is parked (it travels in the record); what is ahead of it is what has not been served since.
 */
export class Backlog {
  private arrived = 0;
  private served = 0;

  /** @param epoch names this count, so that positions of another process or an earlier ownership are not mistaken for it */
  constructor(private readonly epoch: string) {}

  /** How many deliveries arrived and have not been served. */
  get length(): number {
    return Math.max(0, this.arrived - this.served);
  }

  /** The position of a delivery: the one it was parked with, or the next. */
  positionOf(parkedWith: string | null): number {
    const known = this.knownPosition(parkedWith);
    if (known !== null) return known;
    this.arrived += 1;
    return this.arrived;
  }

  /** How many deliveries are to be served before this position. */
  ahead(position: number): number {
    return Math.max(0, position - this.served - 1);
  }

  /** One delivery was begun, or ended without an attempt. */
  serve(): void {
    this.served = Math.min(this.arrived, this.served + 1);
  }

  /** A delivery came that is not to be sent: if it was counted when it was parked, nobody waits behind it any more. */
  dismiss(parkedWith: string | null): void {
    if (this.knownPosition(parkedWith) !== null) this.serve();
  }

  /** The position as it travels with a parked delivery. */
  ticket(position: number): string {
    return `${this.epoch}:${position}`;
  }

  private knownPosition(parkedWith: string | null): number | null {
    const [epoch, position] = parkedWith?.split(":") ?? [];
    return epoch === this.epoch && position !== undefined ? Number(position) : null;
  }
}
