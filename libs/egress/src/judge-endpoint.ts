import { isIP } from "node:net";
import { DENIED_PORTS, DENIED_SUFFIXES } from "./denied-ranges";
import type { EgressPolicy } from "./egress-policy";
import { isAllowedPrivate, judgeAddress } from "./judge-address";
import { ALLOWED, type Refusal, refuse, type Verdict } from "./verdict";

/** Where a request would go, as WHATWG URL spells it: `https:`, a canonical host, `""` for the default port. */
export interface Endpoint {
  readonly protocol: string;
  readonly hostname: string;
  readonly port: string;
}

/**
 * What is left to judge once the endpoint itself passed: nothing for an address; for a name, the addresses it
 * resolves to. A private name (`localhost`, `*.internal`, …) must lie wholly inside the allowed private ranges.
 */
export type JudgedHost =
  | { readonly kind: "address"; readonly address: string }
  | { readonly kind: "public_name" | "private_name"; readonly name: string };

export type EndpointVerdict = { readonly allowed: true; readonly host: JudgedHost } | Refusal;

/** Judges scheme, host and port without resolving anything. Both gates begin with it. */
export function judgeEndpoint(policy: EgressPolicy, endpoint: Endpoint): EndpointVerdict {
  if (endpoint.protocol !== "https:" && !(endpoint.protocol === "http:" && policy.allowHttpUrls)) {
    return refuse("http_not_allowed", "the URL must start with https://");
  }
  const host = judgeHost(policy, endpoint.hostname);
  if (host.allowed && endpoint.port !== "" && DENIED_PORTS.has(Number(endpoint.port))) {
    return refuse("port_not_allowed", `port ${endpoint.port} is not allowed`);
  }
  return host;
}

/** Judges everything a name resolved to: one denied address refuses the name. An empty answer is refused too. */
export function judgeResolved(policy: EgressPolicy, host: JudgedHost, addresses: readonly string[]): Verdict {
  const allowed =
    host.kind === "private_name"
      ? (address: string) => isAllowedPrivate(policy, address)
      : (address: string) => judgeAddress(policy, address).allowed;
  if (addresses.length > 0 && addresses.every(allowed)) return ALLOWED;
  return host.kind === "private_name"
    ? refuse("name_not_allowed", "the host is a private name")
    : refuse("address_not_allowed", "the host resolves to an address that is not public");
}

function judgeHost(policy: EgressPolicy, hostname: string): EndpointVerdict {
  const address = hostname.startsWith("[") ? hostname.slice(1, -1) : hostname;
  if (isIP(address) !== 0) {
    const verdict = judgeAddress(policy, address);
    return verdict.allowed ? { allowed: true, host: { kind: "address", address } } : verdict;
  }
  const name = withoutRootDot(hostname);
  const labels = name.split(".");
  if (name.length > 253 || labels.some((label) => label.length === 0 || label.length > 63)) {
    return refuse("name_malformed", "the host is not a valid name");
  }
  if (!isPrivateName(name, labels)) return { allowed: true, host: { kind: "public_name", name } };
  if (policy.allowedPrivate.isEmpty) return refuse("name_not_allowed", "the host is a private name");
  return { allowed: true, host: { kind: "private_name", name } };
}

function isPrivateName(name: string, labels: readonly string[]): boolean {
  return labels.length === 1 || DENIED_SUFFIXES.some((suffix) => name === suffix || name.endsWith(`.${suffix}`));
}

/** `example.com.` is `example.com` said absolutely; two dots are an empty label and stay one. */
function withoutRootDot(hostname: string): string {
  return hostname.endsWith(".") ? hostname.slice(0, -1) : hostname;
}
