import { createEgressPolicy } from "./egress-policy";
import cases from "./egress-urls.json";
import { createGuardedConnector } from "./guarded-connector";
import { judgeUrl } from "./judge-url";
import type { RefusalReason } from "./verdict";

const policy = createEgressPolicy({ allowHttpUrls: true, allowedPrivateCidrs: [] });

/** The words of the reference list, and ours for them. */
const REASONS: Readonly<Record<string, readonly RefusalReason[]>> = {
  ip: ["address_not_allowed"],
  name: ["name_not_allowed", "name_malformed"],
  "single-label": ["name_not_allowed"],
  parse: ["unparsable"],
  userinfo: ["user_info"],
  ctl: ["control_character", "backslash"],
  fragment: ["fragment_with_at"],
  form: ["wrong_form"],
  port: ["port_not_allowed"],
};

/** Refused for the endpoint, not for the spelling of the URL: the dial gate must say the same. */
const AT_BOTH_GATES = new Set(["ip", "name", "single-label", "port"]);

async function neverAsked(name: string): Promise<never> {
  throw new Error(`the gate resolved ${name}`);
}

function dial(url: string, lookup: (name: string) => Promise<readonly string[]>): Promise<unknown> {
  const { protocol, hostname, port } = new URL(url);
  const connector = createGuardedConnector(policy, { lookup });
  return new Promise((resolve) => {
    connector({ protocol, hostname: hostname.replace(/^\[|\]$/g, ""), port }, (...[error]) => resolve(error));
  });
}

describe("the reference list of URLs", () => {
  const refused = cases.cases.filter(({ verdict }) => verdict === "reject");
  const accepted = cases.cases.filter(({ verdict }) => verdict !== "reject");

  test("is complete", () => {
    expect(refused.length + accepted.length).toBe(94);
    expect(new Set(accepted.map(({ verdict }) => verdict))).toEqual(new Set(["allow", "reject_at_dial", "no_follow"]));
  });

  test.each(refused)("refuses $url when it is written", async ({ url, reason }) => {
    const verdict = await judgeUrl(policy, url, { resolve: neverAsked });
    expect(verdict.allowed).toBe(false);
    expect(REASONS[reason ?? ""]).toContain(verdict.allowed ? undefined : verdict.reason);
  });

  test.each(refused.filter(({ reason }) => AT_BOTH_GATES.has(reason ?? "")))(
    "refuses $url when it is dialled, resolving nothing",
    async ({ url }) => {
      await expect(dial(url, neverAsked)).resolves.toMatchObject({ code: "address_refused" });
    },
  );

  test.each(accepted)("accepts $url when it is written, resolving nothing", async ({ url }) => {
    const verdict = await judgeUrl(policy, url, { resolve: neverAsked });
    expect(verdict).toMatchObject({ allowed: true });
  });

  test.each(accepted.filter(({ verdict }) => verdict === "reject_at_dial"))(
    "refuses $url when it is dialled, for what its name resolves to",
    async ({ url }) => {
      const metadataService = async () => ["169.254.169.254"];
      await expect(dial(url, metadataService)).resolves.toMatchObject({ code: "address_refused" });
    },
  );
});
