import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";

const jest = createRequire(import.meta.url).resolve("jest/bin/jest");

/**
 * Runs Jest to its end; what ends us ends it too, so that it can stop what it has started.
 * @param {string[]} args
 * @returns {Promise<number>} its exit code, 1 when a signal ended it
 */
export async function runJest(args) {
  const child = spawn(process.execPath, [jest, ...args], { stdio: ["ignore", "inherit", "inherit"] });
  const stop = () => void child.kill("SIGTERM");
  // Ctrl-C reaches Jest by itself: we only must not be gone before it.
  const wait = () => undefined;
  process.on("SIGTERM", stop).on("SIGINT", wait);
  const [code] = await once(child, "exit");
  process.off("SIGTERM", stop).off("SIGINT", wait);
  return code ?? 1;
}
