import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { commandLineOf } from "../../process/identity.mjs";

/**
 * Removes the postmaster.pid of a killed server when its process id now belongs to a program that is not a server on
 * this directory; PostgreSQL would take that one for its predecessor and refuse to start. A file whose process is gone
 * is left to PostgreSQL, which looks into it for sessions that outlived their server.
 * @param {string} dataDir
 */
export function removeStaleLock(dataDir) {
  const lock = join(dataDir, "postmaster.pid");
  const pid = Number(readIfThere(lock).split("\n")[0]);
  const command = pid > 0 ? commandLineOf(pid) : null;
  if (command !== null && !command.includes(dataDir)) rmSync(lock, { force: true });
}

/** @param {string} file */
function readIfThere(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
