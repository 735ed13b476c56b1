import { execFile } from "node:child_process";
import { environment } from "../environment.mjs";

/** @typedef {import("./child.mjs").Command} Command */

/**
 * Runs a program to its end and hands back its output, both streams in one.
 * @param {Command} command
 * @param {AbortSignal} [signal] ends the program; the promise then rejects with the signal's reason
 * @returns {Promise<{ code: number | string, output: string }>} code is a word such as ENOENT when it could not be started
 */
export function runOnce({ command, args, env = environment, uid, gid }, signal) {
  return new Promise((resolve, reject) => {
    const identity = { ...(uid === undefined ? {} : { uid }), ...(gid === undefined ? {} : { gid }) };
    const options = { env, ...identity, ...(signal ? { signal } : {}), maxBuffer: 64 << 20 };
    execFile(command, args, options, (error, stdout, stderr) => {
      if (signal?.aborted) reject(signal.reason);
      else resolve({ code: error ? (error.code ?? error.signal ?? 1) : 0, output: `${stdout}${stderr}`.trim() });
    });
  });
}

/**
 * The end of a longer output, indented, to stand below a sentence.
 * @param {string} output
 * @param {number} [lines]
 */
export function lastLines(output, lines = 15) {
  const kept = output.trim().split("\n").slice(-lines);
  return kept.map((line) => `  ${line.slice(0, 2000)}`).join("\n");
}
