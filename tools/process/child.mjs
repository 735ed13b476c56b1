import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { environment } from "../environment.mjs";

/**
 * @typedef {object} Command what to run
 * @property {string} command
 * @property {string[]} args
 * @property {Record<string, string | undefined>} [env] the whole environment; ours when absent
 * @property {number} [uid]
 * @property {number} [gid]
 */

/**
 * @typedef {object} Child a running program
 * @property {number} pid 0 when it could not be started at all
 * @property {() => boolean} alive
 * @property {Promise<string>} exited how it ended, to continue a sentence: "ended with code 1"
 * @property {(signal: NodeJS.Signals) => void} kill does nothing once it has ended
 */

/**
 * Starts a program in a session of its own, so that the terminal's Ctrl-C reaches us only and we stop things in order.
 * Its output is appended to `logFile` by itself: no pipe that would break when we die.
 * @param {Command & { logFile: string }} options
 * @returns {Child}
 */
export function startChild({ command, args, env = environment, uid, gid, logFile }) {
  mkdirSync(dirname(logFile), { recursive: true });
  const log = openSync(logFile, "a");
  const identity = { ...(uid === undefined ? {} : { uid }), ...(gid === undefined ? {} : { gid }) };
  const child = spawn(command, args, { env, ...identity, stdio: ["ignore", log, log], detached: true });
  closeSync(log);
  let alive = true;
  /** @type {Promise<string>} */
  const exited = new Promise((resolve) => {
    /** @param {string} how */
    const ended = (how) => {
      alive = false;
      resolve(how);
    };
    child.once("error", (error) => ended(`could not be started (${error.message})`));
    child.once("exit", (code, signal) => ended(signal ? `was ended by ${signal}` : `ended with code ${code}`));
  });
  return { pid: child.pid ?? 0, alive: () => alive, exited, kill: (signal) => void (alive && child.kill(signal)) };
}

/**
 * Asks a program to end, and ends it when it has not after `graceMs`, or as soon as `hurry` says so.
 * @param {Child} child
 * @param {{ stopSignal: NodeJS.Signals, graceMs: number, hurry?: AbortSignal }} how
 */
export async function stopChild(child, { stopSignal, graceMs, hurry }) {
  const kill = () => child.kill("SIGKILL");
  const timer = setTimeout(kill, graceMs);
  hurry?.addEventListener("abort", kill);
  child.kill(stopSignal);
  if (hurry?.aborted) kill();
  await child.exited;
  clearTimeout(timer);
  hurry?.removeEventListener("abort", kill);
}
