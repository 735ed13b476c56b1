/**
 * What no webhook may reach unless the operator allows it: special-purpose addresses (IANA registries, RFC 6890),
 * cloud platform services, names that mean "here", and ports whose services misread an HTTP request.
 */

/** Everything in IPv4 that is not public unicast, and Azure's platform address, which looks public and is not. */
export const DENIED_IPV4 = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.31.196.0/24",
  "192.52.193.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "192.175.48.0/24",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/4",
  "240.0.0.0/4",
  "168.63.129.16/32",
] as const;

/** The only part of IPv6 that is public unicast; mapped, NAT64, link-local and unique local addresses lie outside it. */
export const PUBLIC_IPV6 = ["2000::/3"] as const;

/** Inside 2000::/3, yet not public: Teredo and protocol assignments, documentation, 6to4, AS112. */
export const DENIED_IPV6 = ["2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20"] as const;

/** A name ending in one of these is private, reserved or unresolvable in public DNS, and so is a name of one label. */
export const DENIED_SUFFIXES = [
  "local",
  "localhost",
  "internal",
  "localdomain",
  "home.arpa",
  "svc",
  "cluster.local",
  "test",
  "invalid",
  "onion",
  "example",
  "in-addr.arpa",
] as const;

export const DENIED_PORTS: ReadonlySet<number> = new Set([
  0, 22, 25, 2375, 2379, 3306, 5432, 5672, 6379, 6443, 8500, 9092, 9200, 10250, 11211, 27017,
]);
