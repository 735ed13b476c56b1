import { once } from "node:events";
import { fstatSync } from "node:fs";
import { Problem } from "../problem.mjs";

/**
 * @typedef {object} Running
 * @property {object} described printed as one JSON line once it runs
 * @property {Promise<unknown>} ended resolves if it ends by itself, which is a failure
 * @property {() => Promise<void>} stop
 */

/**
 * Keeps something running for a parent process: says where it is on stdout, and stops it on SIGTERM, SIGINT, SIGHUP or
 * when the pipe on stdin closes, which happens however the parent ends. (A stdin that is no pipe is ignored.)
 * @param {(signal: AbortSignal) => Promise<Running>} start
 */
export async function runUntilTold(start) {
  const told = new AbortController();
  const tell = () => told.abort();
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"]) process.on(signal, tell);
  if (fstatSync(0).isFIFO() || fstatSync(0).isSocket()) process.stdin.once("close", tell).on("error", tell).resume();
  try {
    const running = await start(told.signal);
    process.stdout.write(`${JSON.stringify(running.described)}\n`);
    const byItself = await Promise.race([
      running.ended.then(() => true),
      told.signal.aborted || once(told.signal, "abort").then(() => false),
    ]);
    await running.stop();
    process.exitCode = byItself && !told.signal.aborted ? 1 : 0;
  } catch (error) {
    if (told.signal.aborted) return;
    process.stderr.write(`${error instanceof Problem ? error.message : String(error)}\n`);
    process.exitCode = 1;
  } finally {
    process.stdin.destroy();
  }
}
