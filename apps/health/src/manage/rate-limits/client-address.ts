import { BlockList, isIP, isIPv6 } from "node:net";

/** Where a request comes from, as its connection and whoever passed it on say. */
export interface Origin {
  /** The other end of the connection. */
  readonly peer: string;
  /** `X-Forwarded-For` as it arrived: each proxy has added whom it got the request from, the last one at the end. */
  readonly forwardedFor: string | undefined;
}

/**
 * The address of a request's client: the last one that no proxy of ours stands for. What precedes it anybody may have
 * written, and without proxies of ours so is all of it.
 * @param isProxy as `addressesWithin` makes it
 */
export function clientAddress({ peer, forwardedFor = "" }: Origin, isProxy: (address: string) => boolean): string {
  let client = unmapped(peer);
  for (const hop of forwardedFor.split(",").reverse()) {
    const address = unmapped(hop.trim());
    if (!isProxy(client) || isIP(address) === 0) break;
    client = address;
  }
  return client;
}

/** Whether an address is in one of these networks: CIDRs, such as `10.1.0.0/16`. */
export function addressesWithin(cidrs: readonly string[]): (address: string) => boolean {
  const networks = new BlockList();
  for (const cidr of cidrs) {
    const [network = "", bits] = cidr.split("/");
    networks.addSubnet(network, Number(bits), familyOf(network));
  }
  return (address) => isIP(address) !== 0 && networks.check(address, familyOf(address));
}

/** An IPv4 address that a socket for both families shows as IPv6, as itself. Source: RFC 4291 §2.5.5.2. */
function unmapped(address: string): string {
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return isIPv6(address) ? "ipv6" : "ipv4";
}
