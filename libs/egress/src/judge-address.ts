import { isIP } from "node:net";
import { isInside, parseRanges } from "./address-ranges";
import { DENIED_IPV4, DENIED_IPV6, PUBLIC_IPV6 } from "./denied-ranges";
import type { EgressPolicy } from "./egress-policy";
import { ALLOWED, refuse, type Verdict } from "./verdict";

const DENIED = parseRanges("denied ranges", [...DENIED_IPV4, ...DENIED_IPV6]);
const PUBLIC = parseRanges("public ranges", ["0.0.0.0/0", ...PUBLIC_IPV6]);

/**
 * May this address be dialled? The operator's denied list wins, then the allowed private ranges, then what is
 * public. IPv6 that carries an IPv4 address (mapped, compatible, NAT64, 6to4, Teredo) is judged as the IPv6 address
 * it is, so it passes only when an IPv6 range that covers it was allowed.
 */
export function judgeAddress(policy: EgressPolicy, ip: string): Verdict {
  if (!isPlainAddress(ip)) return refuse("address_not_allowed", "the host is not an address that can be judged");
  if (isInside(policy.denied, ip)) return refuse("address_not_allowed", "the operator has denied this address");
  if (isInside(policy.allowedPrivate, ip)) return ALLOWED;
  if (isInside(PUBLIC, ip) && !isInside(DENIED, ip)) return ALLOWED;
  return refuse("address_not_allowed", "the host is not a public address");
}

/** Whether the operator made an exception for this address: what a private name must resolve to. */
export function isAllowedPrivate(policy: EgressPolicy, ip: string): boolean {
  return isPlainAddress(ip) && isInside(policy.allowedPrivate, ip) && !isInside(policy.denied, ip);
}

/** A zone (`fe80::1%eth0`) picks an interface of this machine, which no stranger may do. */
function isPlainAddress(ip: string): boolean {
  return isIP(ip) !== 0 && !ip.includes("%");
}
