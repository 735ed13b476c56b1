import { type FieldError, WaggleError } from "@waggle/domain";
import { type EgressPolicy, judgeHeaders, judgeUrl, type LookupHost } from "@waggle/egress";

/** What decides where a webhook may point, and how a private name is resolved when those are allowed. */
export interface EgressGate {
  readonly policy: EgressPolicy;
  readonly resolve: LookupHost;
}

/**
 * The write gate: refuses a URL or headers that no attempt could be made with. May ask name servers, so never call
 * it inside a transaction.
 * @throws WaggleError `validation_failed` with `/url` and `/headers/<name>`
 */
export async function judgeEgress(
  gate: EgressGate,
  given: {
    readonly url?: string | undefined;
    readonly headers?: Readonly<Record<string, string>> | null | undefined;
  },
): Promise<void> {
  const errors: FieldError[] = [];
  if (given.url !== undefined) {
    const verdict = await judgeUrl(gate.policy, given.url, { resolve: gate.resolve });
    if (!verdict.allowed) errors.push({ path: "/url", message: verdict.detail });
  }
  for (const { path, detail } of judgeHeaders(given.headers ?? {})) {
    errors.push({ path: `/headers${path}`, message: detail });
  }
  if (errors.length > 0) throw new WaggleError("validation_failed", "some fields are wrong", { errors });
}
