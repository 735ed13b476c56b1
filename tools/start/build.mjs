import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { Problem } from "../problem.mjs";
import { exclusively } from "../process/exclusively.mjs";
import { lastLines, runOnce } from "../process/run-once.mjs";
import { cacheDir, repositoryDir } from "../stack/directories.mjs";
import { appNames } from "./apps.mjs";

/**
 * Compiles the apps, unless what is there is newer than every source: another stack may be running from it. Several
 * that start at the same time compile once, for the compiler begins by emptying the folder.
 * A step of ours rather than of the npm script, so that a signal or its output is dealt with as everything else is.
 * @param {AbortSignal} signal
 */
export async function buildApps(signal) {
  await exclusively(join(cacheDir, "build.lock"), signal, async () => {
    if (isBuilt()) return;
    const { code, output } = await runOnce({ command: "npm", args: ["run", "-s", "build"] }, signal);
    if (code !== 0) throw new Problem(`The apps do not build (npm run build, ${code}):\n${lastLines(output, 40)}`);
  });
}

function isBuilt() {
  const mains = appNames.map((name) => join(repositoryDir, "dist", "apps", name, "src", "main.js"));
  const built = Math.min(...mains.map((file) => (existsSync(file) ? statSync(file).mtimeMs : 0)));
  const sources = ["apps", "libs"].flatMap((directory) => filesBelow(join(repositoryDir, directory)));
  return built > Math.max(...sources.map((file) => statSync(file).mtimeMs));
}

/** @param {string} directory @returns {string[]} */
function filesBelow(directory) {
  const entries = readdirSync(directory, { withFileTypes: true, recursive: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}
