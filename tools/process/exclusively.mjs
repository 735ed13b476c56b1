import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { isAlive, processName } from "./identity.mjs";
import { pause } from "./wait-until.mjs";

/**
 * Does something while no other process on this machine does it: waits for the lock, however long it takes.
 * @param {string} lockFile
 * @param {AbortSignal} signal
 * @param {() => Promise<void>} task
 */
export async function exclusively(lockFile, signal, task) {
  mkdirSync(dirname(lockFile), { recursive: true });
  while (!takeLock(lockFile, processName(process.pid))) await pause(100, signal);
  try {
    await task();
  } finally {
    rmSync(lockFile, { force: true });
  }
}

/**
 * @param {string} lockFile one whose process is gone is removed, for the next try
 * @param {import("./identity.mjs").ProcessName} owner
 * @returns {boolean} false when it is not ours (yet)
 */
function takeLock(lockFile, owner) {
  try {
    writeFileSync(lockFile, JSON.stringify(owner), { flag: "wx" });
    return true;
  } catch {
    const other = ownerOf(lockFile);
    if (other && !isAlive(other)) rmSync(lockFile, { force: true });
    return false;
  }
}

/** @param {string} lockFile @returns {import("./identity.mjs").ProcessName | null} */
function ownerOf(lockFile) {
  try {
    return JSON.parse(readFileSync(lockFile, "utf8"));
  } catch {
    return null;
  }
}
