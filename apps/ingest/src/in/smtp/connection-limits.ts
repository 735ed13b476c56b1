import { isIPv6 } from "node:net";

export interface ConnectionLimitsOptions {
  /** Connections in all, and from one address; of IPv6 from one /64, all of which one host may have. */
  readonly inAll: number;
  readonly perAddress: number;
}

/** Which connections are open, and whether one more may be. */
export class ConnectionLimits {
  private readonly networks = new Map<string, string>();
  private readonly countOf = new Map<string, number>();

  constructor(private readonly options: ConnectionLimitsOptions) {}

  /** Whether a connection may stay; then it counts until `release`. */
  admit(id: string, address: string): boolean {
    const network = networkOf(address);
    const count = this.countOf.get(network) ?? 0;
    if (this.networks.size >= this.options.inAll || count >= this.options.perAddress) return false;
    this.networks.set(id, network);
    this.countOf.set(network, count + 1);
    return true;
  }

  /** Harmless for a connection that was not admitted. */
  release(id: string): void {
    const network = this.networks.get(id);
    if (network === undefined) return;
    this.networks.delete(id);
    const count = (this.countOf.get(network) ?? 1) - 1;
    if (count > 0) this.countOf.set(network, count);
    else this.countOf.delete(network);
  }
}

/** The first 64 bits of an IPv6 address; IPv4, mapped or not, as it is. */
function networkOf(address: string): string {
  if (!isIPv6(address) || address.includes(".")) return address;
  const [head = "", tail] = address.split("::");
  const groups = head === "" ? [] : head.split(":");
  const behind = tail ? tail.split(":") : [];
  const zeros = tail === undefined ? 0 : 8 - groups.length - behind.length;
  const all = [...groups, ...Array<string>(zeros).fill("0"), ...behind];
  return `${all.slice(0, 4).join(":")}::/64`;
}
