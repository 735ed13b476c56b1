/**
 * Resolves a canonical name without trailing dot to all its addresses, IPv4 and IPv6. The name is absolute: no
 * search domain may be appended. Rejects when there are none; how long it may take is the caller's to limit.
 */
export type LookupHost = (name: string) => Promise<readonly string[]>;
