import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { platform } from "node:os";

/**
 * One process for good: an id alone is soon given to another process (the first ones at every start of a container).
 * @typedef {object} ProcessName
 * @property {number} pid
 * @property {string | null} started when it began, as the system writes it; null when there was no such process
 */

/** @param {number} pid @returns {ProcessName} */
export function processName(pid) {
  return { pid, started: startTimeOf(pid) };
}

/** @param {ProcessName} name */
export function isAlive({ pid, started }) {
  return started !== null && startTimeOf(pid) === started;
}

/**
 * @param {number} pid
 * @returns {string | null} null when there is no such process, or only what is left of one that ended
 */
function startTimeOf(pid) {
  try {
    if (platform() !== "linux") return ps(pid, "lstart");
    // Fields after the name, which may itself hold spaces and parentheses: state is the 1st, start time the 20th.
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ");
    return fields[0] === "Z" ? null : (fields[19] ?? null);
  } catch {
    return null;
  }
}

/**
 * @param {number} pid
 * @returns {string | null} the command line
 */
export function commandLineOf(pid) {
  try {
    if (platform() !== "linux") return ps(pid, "args");
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    return null;
  }
}

/**
 * @param {number} pid
 * @param {string} column
 */
function ps(pid, column) {
  return execFileSync("ps", ["-o", `${column}=`, "-p", String(pid)], { encoding: "utf8" }).trim() || null;
}
