import type { EgressPolicy } from "./egress-policy";
import { judgeEndpoint, judgeResolved } from "./judge-endpoint";
import { judgeRawUrl } from "./judge-raw-url";
import type { LookupHost } from "./lookup-host";
import { type Refusal, type RefusalReason, refuse } from "./verdict";

export type UrlVerdict = { readonly allowed: true; readonly url: URL } | Refusal;

/** Refusals that count as a blocked address; the others are malformed input. */
const BLOCKED: ReadonlySet<RefusalReason> = new Set(["address_not_allowed", "name_not_allowed", "port_not_allowed"]);

/**
 * The write gate: may a webhook have this URL? First the string, in which different parsers would see different
 * hosts, then the canonical host of WHATWG URL, the parser that is also used to dial.
 * `resolve` is asked only about a private name, and only when private ranges are allowed at all: what a public name
 * resolves to now says nothing about what it will resolve to when it is dialled. Never rejects.
 */
export async function judgeUrl(
  policy: EgressPolicy,
  rawUrl: string,
  { resolve }: { readonly resolve: LookupHost },
): Promise<UrlVerdict> {
  const verdict = await judge(policy, rawUrl, resolve);
  if (!verdict.allowed && BLOCKED.has(verdict.reason)) policy.onRefused("write");
  return verdict;
}

async function judge(policy: EgressPolicy, rawUrl: string, resolve: LookupHost): Promise<UrlVerdict> {
  const raw = judgeRawUrl(rawUrl);
  if (!raw.allowed) return raw;
  const url = URL.canParse(rawUrl) ? new URL(rawUrl) : undefined;
  if (url === undefined) return refuse("unparsable", "the URL is not valid");
  const endpoint = judgeEndpoint(policy, url);
  if (!endpoint.allowed) return endpoint;
  if (endpoint.host.kind !== "private_name") return { allowed: true, url };
  // A name that cannot be resolved has no address inside the allowed ranges either.
  const addresses = await resolve(endpoint.host.name).catch(() => []);
  const resolved = judgeResolved(policy, endpoint.host, addresses);
  return resolved.allowed ? { allowed: true, url } : resolved;
}
