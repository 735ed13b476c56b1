import { type AddressRanges, parseRanges } from "./address-ranges";

/** `write`: a webhook is created or changed. `dial`: a connection is about to be made. */
export type EgressStage = "write" | "dial";

export interface EgressPolicyOptions {
  /** Whether plain-http webhook URLs are allowed (ALLOW_HTTP_URLS). */
  readonly allowHttpUrls: boolean;
  /** Exceptions to the guard (ALLOWED_PRIVATE_CIDRS), e.g. `127.0.0.0/8`. */
  readonly allowedPrivateCidrs: readonly string[];
  /** The operator's own additions to what is denied; they win over every exception. */
  readonly deniedCidrs?: readonly string[];
  /** Called once for every host, address or port refused, for `waggle_blocked_addresses_total{stage}`. */
  readonly onRefused?: (stage: EgressStage) => void;
}

/** What both gates judge by. Made once at start by createEgressPolicy. */
export interface EgressPolicy {
  readonly allowHttpUrls: boolean;
  readonly allowedPrivate: AddressRanges;
  readonly denied: AddressRanges;
  readonly onRefused: (stage: EgressStage) => void;
}

/** Throws a RangeError naming every wrong CIDR. */
export function createEgressPolicy(options: EgressPolicyOptions): EgressPolicy {
  return {
    allowHttpUrls: options.allowHttpUrls,
    allowedPrivate: parseRanges("allowedPrivateCidrs", options.allowedPrivateCidrs),
    denied: parseRanges("deniedCidrs", options.deniedCidrs ?? []),
    onRefused: options.onRefused ?? (() => undefined),
  };
}
