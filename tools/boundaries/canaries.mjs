import { cpSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { environmentRule } from "./environment-reads.mjs";
import { judgeTree } from "./judge.mjs";
import { rules } from "./laws.mjs";

const canariesDir = join(import.meta.dirname, "canaries");

/**
 * A rule nobody has seen fail is no rule: each has a canary, a small repository named after it. Every file in it called
 * `canary…` must be caught, by that rule and no other; the other files are what those import.
 * @param {string} repositoryDir
 * @returns {Promise<{ caught: number, problems: string[] }>} a line for each canary that is not caught as it must be
 */
export async function judgeCanaries(repositoryDir) {
  const expected = [...rules.map(({ name }) => name), environmentRule];
  const names = new Set([...expected, ...readdirSync(canariesDir)]);
  /** @type {string[]} */
  const problems = [];
  let caught = 0;
  for (const name of names) {
    const wrong = expected.includes(name) ? await judgeCanary(name, repositoryDir) : ["there is no such rule"];
    if (wrong.length === 0) caught += 1;
    problems.push(...wrong.map((reason) => `canary ${name}: ${reason}`));
  }
  return { caught, problems };
}

/**
 * Judges one in a directory of its own, with the repository's tsconfig.json and packages.
 * @param {string} name
 * @param {string} repositoryDir
 * @returns {Promise<string[]>}
 */
async function judgeCanary(name, repositoryDir) {
  const tree = mkdtempSync(join(tmpdir(), "waggle-canary-"));
  try {
    cpSync(join(canariesDir, name), tree, { recursive: true });
    const directories = readdirSync(tree);
    cpSync(join(repositoryDir, "tsconfig.json"), join(tree, "tsconfig.json"));
    symlinkSync(join(repositoryDir, "node_modules"), join(tree, "node_modules"), "dir");
    const { modules, violations } = await judgeTree(tree, directories);
    const offenders = modules.filter((file) => basename(file).startsWith("canary"));
    const caught = violations.filter(({ rule }) => rule === name).flatMap(({ files }) => files);
    return [
      ...(offenders.length === 0 ? ["it has no file called canary…"] : []),
      ...offenders.filter((file) => !caught.includes(file)).map((file) => `${file} is not caught`),
      ...violations
        .filter(({ rule, files }) => rule !== name || !files.every((file) => offenders.includes(file)))
        .map(({ rule, what }) => `is also caught by ${rule} (${what})`),
    ];
  } finally {
    rmSync(tree, { recursive: true, force: true });
  }
}
