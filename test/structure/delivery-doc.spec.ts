import { PARK_REASONS } from "@waggle/contracts";
import { ATTEMPT_ERRORS, DIALECTS, RETRY_DELAYS_S, TIER_SECONDS, TIERS } from "@waggle/domain";
import { filesBelow, textOf } from "./repository-files";

const page = textOf("docs/delivery.md");

describe("docs/delivery.md", () => {
  it.each(DIALECTS)("has the schedule of %s", (dialect) => {
    const delays = RETRY_DELAYS_S[dialect];
    const waits = delays.map((seconds) => TIERS.find((tier) => TIER_SECONDS[tier] === seconds)).join(", ");
    expect(page).toContain(`| \`${dialect}\` | ${delays.length + 1} | ${waits} |`);
  });

  it("names every error of an attempt and every reason to park", () => {
    const named = [...ATTEMPT_ERRORS, ...PARK_REASONS];
    expect(named.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });

  it("names every metric of the dispatcher, and no other", () => {
    const sources = filesBelow("apps/dispatcher/src").filter((file) => !file.endsWith(".spec.ts"));
    const registered = sources.flatMap((file) =>
      [...textOf(file).matchAll(/name: "(waggle_\w+)"/g)].map(([, name]) => name),
    );
    const documented = [...page.matchAll(/^\| `(waggle_[a-z_]+)/gm)].map(([, name]) => name);
    expect(documented.sort()).toEqual(registered.sort());
  });
});
