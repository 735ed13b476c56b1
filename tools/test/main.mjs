/**
 * `npm test`: every test, in two runs of Jest. The pipeline has stacks and clocks of its own and gets the machine for
 * itself. The last line is `N passed, N failed`, with `, N skipped` when any were; exit code 1 when any failed.
 * What follows `npm test --` goes to both runs. `--failed-before=<n>` adds what CI saw fail before the tests.
 */
import { readFileSync, rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runJest } from "./run-jest.mjs";
import { add, countsOf, sentence } from "./test-counts.mjs";

const runs = [
  ["--selectProjects", "unit", "integration", "--maxWorkers=2"],
  ["--selectProjects", "pipeline", "--runInBand"],
];

const prefix = "--failed-before=";
const given = process.argv.slice(2);
const failedBefore = Number(given.find((arg) => arg.startsWith(prefix))?.slice(prefix.length) ?? 0);
const filters = given.filter((arg) => !arg.startsWith(prefix));
// What is looked for may be in one of the runs only; without a filter, a run without tests is a mistake.
const forJest = filters.length > 0 ? [...filters, "--passWithNoTests"] : [];

const directory = await mkdtemp(join(tmpdir(), "waggle-test-results-"));
let counts = { passed: 0, failed: failedBefore, skipped: 0 };
for (const [index, run] of runs.entries()) {
  const outputFile = join(directory, `${index}.json`);
  const code = await runJest([...run, "--json", `--outputFile=${outputFile}`, ...forJest]);
  counts = add(
    counts,
    countsOf(code, () => readFileSync(outputFile, "utf8")),
  );
}
rmSync(directory, { recursive: true, force: true });

console.log(sentence(counts));
process.exitCode = counts.failed === 0 ? 0 : 1;
