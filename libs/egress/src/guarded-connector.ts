import type { Socket } from "node:net";
import type { buildConnector } from "undici";
import { classifyConnectError } from "./classify-connect-error";
import { createDnsLookup } from "./dns-lookup";
import { EgressError } from "./egress-error";
import type { EgressPolicy } from "./egress-policy";
import { type Endpoint, type JudgedHost, judgeEndpoint, judgeResolved } from "./judge-endpoint";
import type { LookupHost } from "./lookup-host";
import { openSocket } from "./open-socket";
import { retireSocket } from "./retire-socket";
import { createTlsContext, secureSocket } from "./secure-socket";
import { withTimeLimit } from "./time-limit";

export interface GuardedConnectorOptions {
  readonly lookup?: LookupHost;
  /** Time limits of the three stages, ms; each starts when the one before is done. */
  readonly dnsTimeoutMs?: number;
  readonly connectTimeoutMs?: number;
  readonly tlsTimeoutMs?: number;
  /** PEM certificates trusted beside the public roots. */
  readonly caCertificates?: readonly string[];
  /** From this age on, counted from secured, a socket takes no further request; at the other it is destroyed; ms. */
  readonly socketRetireAfterMs?: number;
  readonly socketMaxAgeMs?: number;
}

/**
 * A socket lives 60 s at most: up to 8 s of connecting and TLS, then 20 s of new requests, then time for the longest
 * attempt (30 s, and 2 s for its body) to end by itself.
 */
export const SOCKET_LIFETIME = { retireAfterMs: 20_000, maxAgeMs: 52_000 } as const;

/**
 * The dial gate: a connector for `new Pool(origin, { connect })`. Judges the endpoint as the write gate does, resolves
 * the name once, refuses it if any of its addresses is denied, dials an address it has judged, makes sure that one
 * answered, and for https verifies the certificate against the name.
 * Of undici's options only protocol, hostname and port count: a server name from a header or a socket path would be
 * ways around the verdict. Calls back with an EgressError. Make one and share it between all pools: it holds the
 * trusted roots and the bound on lookups.
 */
export function createGuardedConnector(
  policy: EgressPolicy,
  options: GuardedConnectorOptions = {},
): buildConnector.connector {
  const dnsTimeoutMs = options.dnsTimeoutMs ?? 2_000;
  const lookup = options.lookup ?? createDnsLookup({ timeoutMs: dnsTimeoutMs });
  const tlsContext = createTlsContext(options.caCertificates ?? []);
  const lifetime = {
    retireAfterMs: options.socketRetireAfterMs ?? SOCKET_LIFETIME.retireAfterMs,
    maxAgeMs: options.socketMaxAgeMs ?? SOCKET_LIFETIME.maxAgeMs,
  };

  async function resolve(host: JudgedHost): Promise<readonly string[]> {
    if (host.kind === "address") return [host.address];
    const answer = withTimeLimit(lookup(host.name), dnsTimeoutMs, "the name was not resolved in time");
    const addresses = await answer.catch((error: unknown) => {
      throw error instanceof EgressError ? error : new EgressError("dns_failed", "lookup failed", { cause: error });
    });
    if (addresses.length === 0) throw new EgressError("dns_failed", "the name has no address");
    const verdict = judgeResolved(policy, host, addresses);
    if (!verdict.allowed) throw new EgressError("address_refused", verdict.detail);
    return addresses;
  }

  async function open(endpoint: Endpoint): Promise<Socket> {
    const verdict = judgeEndpoint(policy, endpoint);
    if (!verdict.allowed) throw new EgressError("address_refused", verdict.detail);
    const { host } = verdict;
    const addresses = await resolve(host);
    const isTls = endpoint.protocol === "https:";
    const port = endpoint.port === "" ? (isTls ? 443 : 80) : Number(endpoint.port);
    const plain = await openSocket(addresses, port, options.connectTimeoutMs ?? 3_000);
    const name = host.kind === "address" ? host.address : host.name;
    const limitMs = options.tlsTimeoutMs ?? 5_000;
    const socket = isTls ? await secureSocket(plain, { host: name, context: tlsContext, limitMs }) : plain;
    retireSocket(socket, lifetime);
    return socket;
  }

  return ({ protocol, hostname, port }, callback) => {
    open({ protocol, hostname, port }).then(
      (socket) => callback(null, socket),
      (error: unknown) => {
        const failure = toEgressError(error);
        if (failure.code === "address_refused") policy.onRefused("dial");
        callback(failure, null);
      },
    );
  };
}

function toEgressError(error: unknown): EgressError {
  if (error instanceof EgressError) return error;
  return new EgressError(classifyConnectError(error), "the connection could not be opened", { cause: error });
}
