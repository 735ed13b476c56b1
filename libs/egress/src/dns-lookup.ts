import { Resolver } from "node:dns/promises";
import { createConcurrencyLimit } from "./concurrency-limit";
import { createHostsFile, fileVersion } from "./hosts-file";
import type { LookupHost } from "./lookup-host";
import { resolveName } from "./resolve-name";

export interface DnsLookupOptions {
  /** Name servers as `address:port`; the machine's own (/etc/resolv.conf) when left out. */
  readonly servers?: readonly string[];
  readonly hostsFile?: string;
  /** The whole lookup, ms: a tenth of it to wait for a place, the rest for the answers of both families. */
  readonly timeoutMs?: number;
  /** Names asked for at once. */
  readonly maxConcurrent?: number;
}

const RESOLV_CONF = "/etc/resolv.conf";

/** Shares of the time limit. The second try waits twice as long, so a lost datagram fails no attempt. */
const SHARE = { waiting: 0.1, answer: 0.9, firstTry: 0.3 };

/**
 * The lookup both gates use, instead of `dns.lookup`. getaddrinfo blocks one of libuv's four threads until the name
 * server answers, so four webhooks whose name servers hang would stop every lookup and every file read of the
 * process; it also appends search domains, which turns a stranger's name into one of ours. c-ares waits on a socket,
 * costs no thread and takes the name as absolute. It does not read the hosts file, so that is done here, before DNS
 * as everywhere, and `localhost` never leaves the machine (RFC 6761 §6.3).
 * Rejects with EgressError `dns_failed` or `timeout`.
 */
export function createDnsLookup(options: DnsLookupOptions = {}): LookupHost {
  const timeoutMs = options.timeoutMs ?? 2_000;
  const lookupInHostsFile = createHostsFile(options.hostsFile ?? "/etc/hosts");
  const currentResolver = createResolverSource(options.servers, Math.round(timeoutMs * SHARE.firstTry));
  const limit = createConcurrencyLimit(options.maxConcurrent ?? 512);
  const underWay = new Map<string, Promise<readonly string[]>>();

  const lookup: LookupHost = async (name) => {
    const listed = await lookupInHostsFile(name);
    if (listed.length > 0) return listed;
    if (name === "localhost" || name.endsWith(".localhost")) return ["127.0.0.1", "::1"];
    return limit(
      async () => resolveName(await currentResolver(), name, timeoutMs * SHARE.answer),
      timeoutMs * SHARE.waiting,
    );
  };
  // One question at a time for a name: however many deliveries wait for a hanging one, it takes one place.
  return (name) => {
    const pending = underWay.get(name) ?? lookup(name).finally(() => underWay.delete(name));
    underWay.set(name, pending);
    return pending;
  };
}

/** c-ares reads resolv.conf when a resolver is made, so a new one is made when the file has changed. */
function createResolverSource(servers: readonly string[] | undefined, firstTryMs: number): () => Promise<Resolver> {
  const create = (): Resolver => new Resolver({ timeout: firstTryMs, tries: 2 });
  let resolver = create();
  if (servers !== undefined) {
    resolver.setServers(servers);
    return async () => resolver;
  }
  let version: string | undefined;
  return async () => {
    const current = await fileVersion(RESOLV_CONF);
    if (version !== undefined && current !== version) resolver = create();
    version = current;
    return resolver;
  };
}
