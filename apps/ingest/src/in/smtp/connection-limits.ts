export interface ConnectionLimitsOptions {
  /** Connections in all, and from one address. */
  readonly inAll: number;
  readonly perAddress: number;
}

/** Which connections are open, and whether one more may be. */
export class ConnectionLimits {
  private readonly addressOf = new Map<string, string>();
  private readonly countOf = new Map<string, number>();

  constructor(private readonly options: ConnectionLimitsOptions) {}

  /** Whether a connection may stay; then it counts until `release`. */
  admit(id: string, address: string): boolean {
    const count = this.countOf.get(address) ?? 0;
    if (this.addressOf.size >= this.options.inAll || count >= this.options.perAddress) return false;
    this.addressOf.set(id, address);
    this.countOf.set(address, count + 1);
    return true;
  }

  /** Harmless for a connection that was not admitted. */
  release(id: string): void {
    const address = this.addressOf.get(id);
    if (address === undefined) return;
    this.addressOf.delete(id);
    const count = (this.countOf.get(address) ?? 1) - 1;
    if (count > 0) this.countOf.set(address, count);
    else this.countOf.delete(address);
  }
}
