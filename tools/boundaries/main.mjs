/**
 * `npm run boundaries`: holds apps, libs, test and tools to the laws of ARCHITECTURE.md. Fails as well when a rule does
 * not catch its canary, and when too few modules were read: dependency-cruiser reads nothing in a set-up it does not
 * understand, and calls that clean.
 */
import { repositoryDir } from "../stack/directories.mjs";
import { judgeCanaries } from "./canaries.mjs";
import { judgeTree } from "./judge.mjs";

/** A little below what there is; raise it now and then. */
const leastModules = 480;

const canaries = await judgeCanaries(repositoryDir);
const { modules, violations } = await judgeTree(repositoryDir, ["apps", "libs", "test", "tools"]);

const problems = [...canaries.problems, ...violations.map(({ rule, what }) => `${rule}: ${what}`)];
if (modules.length < leastModules) problems.push(`only ${modules.length} modules were read, not ${leastModules}`);

for (const problem of problems) console.error(problem);
const end = problems.length === 0 ? "no law is broken" : `${problems.length} problems`;
console.log(`boundaries: ${modules.length} modules, ${canaries.caught} canaries caught, ${end}`);
process.exitCode = problems.length === 0 ? 0 : 1;
