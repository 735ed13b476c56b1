import { BlockList, isIP } from "node:net";

/**
 * A set of addresses. The families are kept in two lists because one BlockList matches an IPv4-mapped IPv6 address
 * against its IPv4 entries: allowing 127.0.0.0/8 would then also allow ::ffff:127.0.0.1.
 */
export interface AddressRanges {
  readonly ipv4: BlockList;
  readonly ipv6: BlockList;
  readonly isEmpty: boolean;
}

/**
 * Reads CIDRs such as `10.0.0.0/8` and `fd00::/8`; bits beyond the prefix do not matter.
 * Throws a RangeError that starts with `label` and names every entry that is no CIDR.
 */
export function parseRanges(label: string, cidrs: readonly string[]): AddressRanges {
  const ranges = { ipv4: new BlockList(), ipv6: new BlockList(), isEmpty: cidrs.length === 0 };
  const wrong = cidrs.filter((cidr) => !addRange(ranges, cidr));
  if (wrong.length > 0) {
    const named = wrong.map((cidr) => JSON.stringify(cidr)).join(", ");
    throw new RangeError(`${label}: not a CIDR such as 10.0.0.0/8 or fd00::/8: ${named}`);
  }
  return ranges;
}

/** `ip` must be an address without a zone; an address of one family is never inside a range of the other. */
export function isInside(ranges: AddressRanges, ip: string): boolean {
  return isIP(ip) === 4 ? ranges.ipv4.check(ip, "ipv4") : ranges.ipv6.check(ip, "ipv6");
}

function addRange(ranges: AddressRanges, cidr: string): boolean {
  const [, address = "", digits = ""] = /^([0-9a-f.:]+)\/(\d{1,3})$/i.exec(cidr) ?? [];
  const prefix = Number(digits);
  const family = isIP(address);
  if (family === 4 && prefix <= 32) ranges.ipv4.addSubnet(address, prefix, "ipv4");
  else if (family === 6 && prefix <= 128) ranges.ipv6.addSubnet(address, prefix, "ipv6");
  else return false;
  return true;
}
