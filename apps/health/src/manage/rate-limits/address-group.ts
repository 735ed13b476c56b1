import { isIPv6 } from "node:net";

/**
 * Whom an address stands for: an IPv4 address is one client, of IPv6 the first 64 bits are, because whoever has one
 * address of a network has them all (RFC 6177 §2).
 */
export function addressGroup(address: string): string {
  const [plain = ""] = address.split("%");
  if (!isIPv6(plain)) return address;
  const [head = "", tail = ""] = plain.split("::").map((part) => part.toLowerCase());
  const [first, last] = [head, tail].map((part) => part.split(":").filter((group) => group !== ""));
  const zeros = plain.includes("::") ? 8 - (first?.length ?? 0) - (last?.length ?? 0) : 0;
  const groups = [...(first ?? []), ...Array<string>(Math.max(0, zeros)).fill("0"), ...(last ?? [])];
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":")}::/64`;
}
