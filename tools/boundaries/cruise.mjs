import { join } from "node:path";
import { cruise } from "dependency-cruiser";
import extractTSConfig from "dependency-cruiser/config-utl/extract-ts-config";
import { rules } from "./laws.mjs";

/**
 * @typedef {object} Violation
 * @property {string} rule
 * @property {string[]} files those that break it together, more than one for a cycle
 * @property {string} what one line for people
 */

/**
 * Judges every import below `baseDir`, type-only ones too; `@waggle/…` is resolved as its tsconfig.json says.
 * @param {string} baseDir laid out as the repository is
 * @param {string[]} directories those to read, relative to it
 * @returns {Promise<{ modules: string[], violations: Violation[] }>}
 */
export async function cruiseTree(baseDir, directories) {
  const fileName = join(baseDir, "tsconfig.json");
  // The paths of a tsconfig without baseUrl are taken from the working directory.
  process.chdir(baseDir);
  const { output } = await cruise(
    directories,
    {
      baseDir,
      validate: true,
      ruleSet: { forbidden: rules },
      tsConfig: { fileName },
      tsPreCompilationDeps: true,
      doNotFollow: { path: "node_modules" },
      exclude: { path: "^tools/boundaries/canaries/" },
      enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "require", "node", "types"] },
    },
    {},
    { tsConfig: extractTSConfig(fileName) },
  );
  if (typeof output === "string") throw new Error("dependency-cruiser answered with text, not with its result");
  const modules = output.modules.map(({ source }) => source);
  return {
    modules: modules.filter((source) => directories.some((directory) => source.startsWith(`${directory}/`))),
    violations: output.summary.violations.map(describe),
  };
}

/**
 * @param {import("dependency-cruiser").IViolation} violation
 * @returns {Violation}
 */
function describe({ rule, from, to, cycle }) {
  if (!cycle) return { rule: rule.name, files: [from], what: `${from} → ${to}` };
  const files = cycle.map(({ name }) => name);
  return { rule: rule.name, files, what: [files.at(-1), ...files].join(" → ") };
}
