import { DEAD_LETTER_CODES, PROBLEMS } from "@waggle/contracts";
import { ATTEMPT_ERRORS, EXHAUSTED_REASONS, SKIPPED_REASONS } from "@waggle/domain";
import { textOf } from "./repository-files";

/** The rows of the table under a heading of docs/errors.md: code first, then its other cells. */
function tableUnder(heading: string): Map<string, string[]> {
  const [, section = ""] = textOf("docs/errors.md").split(`\n## ${heading}\n`);
  const [table = ""] = section.split("\n## ");
  const rows = table.split("\n").filter((line) => line.startsWith("| `"));
  return new Map(
    rows.map((row) => {
      const [code = "", ...cells] = row
        .slice(1, -1)
        .split("|")
        .map((cell) => cell.trim());
      return [code.replaceAll("`", ""), cells];
    }),
  );
}

describe("docs/errors.md", () => {
  it.each<[string, readonly string[]]>([
    ["Problems", Object.keys(PROBLEMS)],
    ["Failed attempts", ATTEMPT_ERRORS],
    ["Deliveries that end undelivered", [...EXHAUSTED_REASONS, ...SKIPPED_REASONS]],
    ["Dead letters", DEAD_LETTER_CODES],
  ])("lists under “%s” every code there is, and what to do", (heading, codes) => {
    const table = tableUnder(heading);

    expect([...table.keys()].sort()).toEqual([...codes].sort());
    for (const cells of table.values()) {
      expect(cells.length).toBeGreaterThanOrEqual(2);
      expect(cells).not.toContain("");
    }
  });

  it("gives each problem its HTTP status", () => {
    const documented = [...tableUnder("Problems")].map(([code, [status]]) => [code, Number(status)]);
    const registered = Object.entries(PROBLEMS).map(([code, { status }]) => [code, status]);

    expect(Object.fromEntries(documented)).toEqual(Object.fromEntries(registered));
  });
});
