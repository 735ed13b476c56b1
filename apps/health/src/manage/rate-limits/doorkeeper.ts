import { WaggleError } from "@waggle/domain";
import { sha256Hex } from "@waggle/secrets";
import type { Authenticator } from "../authenticator";
import type { Caller } from "../caller";
import { addressGroup } from "./address-group";
import { addressesWithin, clientAddress, type Origin } from "./client-address";
import { type Allowance, type RateLimit, TokenBuckets } from "./token-buckets";

/** What a client may do in which time, and what is left of it. */
export interface RateReport extends Allowance {
  /** Whose limit it is: the API key's, or that of an address which sends no valid token. */
  readonly policy: "key" | "address";
  readonly limit: RateLimit;
}

/** Somebody at a door. */
export interface Visitor {
  /**
   * The bearer token that was sent.
   * @throws WaggleError `unauthorized` when there is none
   */
  readonly token: () => string;
  readonly origin: Origin;
  /** Told what is left, at most once, also when the visitor is not let in. */
  readonly onRate: (report: RateReport) => void;
}

export interface DoorkeeperParts {
  readonly authenticator: Pick<Authenticator, "authenticate">;
  readonly limit: RateLimit;
  /** Networks (CIDRs) of proxies whose word on who sent a request is taken. */
  readonly trustedProxies: readonly string[];
  /** Milliseconds of a clock that does not go back. */
  readonly clock: () => number;
}

/** Buckets that are not full, at most: some 10 MB. */
const MOST_NAMES = 100_000;

/** How many tokens are remembered as good. */
const MOST_TOKENS = 10_000;

/**
 * Says who somebody is, and lets nobody take more than their share: an API key has its own, and so has an address from
 * which tokens come that are none. When that is used up no token from there is looked up any more, but those that were
 * good before: one who hammers must not lock out others behind the same proxy. The operator has no limit: it is the
 * one who is needed when everything is too much. Per process.
 */
export class Doorkeeper {
  private readonly keys: TokenBuckets;
  private readonly addresses: TokenBuckets;
  private readonly isProxy: (address: string) => boolean;
  /** Hashes of tokens that were good when they came last, least recently used first. */
  private readonly knownTokens = new Set<string>();

  constructor(private readonly parts: DoorkeeperParts) {
    this.keys = new TokenBuckets(parts.limit, MOST_NAMES);
    this.addresses = new TokenBuckets(parts.limit, MOST_NAMES);
    this.isProxy = addressesWithin(parts.trustedProxies);
  }

  /** @throws WaggleError `unauthorized`, `rate_limited` (with a time to wait), or `database_unavailable` */
  async admit(visitor: Visitor): Promise<Caller> {
    const caller = await this.identify(visitor);
    if (caller.kind === "operator") return caller;
    const allowance = this.keys.take(caller.key_id, this.parts.clock());
    visitor.onRate({ policy: "key", limit: this.keys.limit, ...allowance });
    if (allowance.granted) return caller;
    throw rateLimited(allowance, "this API key has sent too many requests");
  }

  private async identify({ token, origin, onRate }: Visitor): Promise<Caller> {
    const group = addressGroup(clientAddress(origin, this.isProxy));
    const report = (allowance: Allowance) => onRate({ policy: "address", limit: this.addresses.limit, ...allowance });
    let hash = "";
    try {
      const sent = token();
      hash = sha256Hex(sent);
      const left = this.addresses.look(group, this.parts.clock());
      if (!left.granted && !this.knownTokens.has(hash)) throw this.tooMany(left, report);
      const caller = await this.parts.authenticator.authenticate(sent);
      this.remember(hash);
      return caller;
    } catch (error) {
      if (!(error instanceof WaggleError && error.code === "unauthorized")) throw error;
      this.knownTokens.delete(hash);
      const allowance = this.addresses.take(group, this.parts.clock());
      if (!allowance.granted) throw this.tooMany(allowance, report);
      report(allowance);
      throw error;
    }
  }

  private tooMany(allowance: Allowance, report: (allowance: Allowance) => void): WaggleError<"rate_limited"> {
    report(allowance);
    return rateLimited(allowance, "too many requests without a valid token came from this address");
  }

  private remember(hash: string): void {
    this.knownTokens.delete(hash);
    this.knownTokens.add(hash);
    const [oldest] = this.knownTokens;
    if (this.knownTokens.size > MOST_TOKENS && oldest !== undefined) this.knownTokens.delete(oldest);
  }
}

function rateLimited({ resetS }: Allowance, detail: string): WaggleError<"rate_limited"> {
  return new WaggleError("rate_limited", detail, { retryAfterS: resetS });
}
