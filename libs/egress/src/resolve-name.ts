import type { Resolver } from "node:dns/promises";
import { classifyConnectError } from "./classify-connect-error";
import { EgressError } from "./egress-error";
import { withTimeLimit } from "./time-limit";

/**
 * All addresses of a name, IPv4 first. Both families are asked and waited for; when one fails or is still open after
 * `limitMs` the other one's addresses are the answer, because many name servers never answer for AAAA. That hides
 * nothing: only an address that was seen and judged is dialled.
 * Rejects with EgressError `timeout` when a family with no answer is why there is none, else `dns_failed`.
 */
export async function resolveName(resolver: Resolver, name: string, limitMs: number): Promise<readonly string[]> {
  const answers = await Promise.allSettled(
    [resolver.resolve4(name), resolver.resolve6(name)].map((family) =>
      withTimeLimit(family, limitMs, "the name server did not answer in time"),
    ),
  );
  const addresses = answers.flatMap((answer) => (answer.status === "fulfilled" ? answer.value : []));
  if (addresses.length > 0) return addresses;

  const causes = answers.flatMap((answer) => (answer.status === "rejected" ? [answer.reason as unknown] : []));
  const noAnswer = causes.find((cause) => classifyConnectError(cause) === "timeout");
  throw noAnswer === undefined
    ? new EgressError("dns_failed", "the name has no address", { cause: causes[0] })
    : new EgressError("timeout", "the name server did not answer in time", { cause: noAnswer });
}
