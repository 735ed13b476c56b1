import { spawn } from "node:child_process";
import { accessSync, constants, mkdirSync } from "node:fs";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { Problem } from "../problem.mjs";
import { isAlive } from "../process/identity.mjs";
import { repositoryDir } from "../stack/directories.mjs";
import { stopLeftovers } from "./leftovers.mjs";
import { RunningRecord } from "./running-record.mjs";

const guardian = fileURLToPath(new URL("guardian.mjs", import.meta.url));

/**
 * Takes the data directory for this start, after stopping what a killed one may have left running in it.
 * @param {string} dataDir
 * @returns {Promise<RunningRecord>}
 * @throws {Problem} when another start has it, or nothing can be written there
 */
export async function claimDataDir(dataDir) {
  try {
    mkdirSync(dataDir, { recursive: true });
    accessSync(dataDir, constants.W_OK);
  } catch (error) {
    throw new Problem(`The data directory ${dataDir} cannot be used (${error}): set DATA_DIR to another one.`);
  }
  const record = new RunningRecord(dataDir);
  const left = record.read();
  if (left && isAlive(left.start)) throw alreadyRuns(dataDir, left.start.pid);
  if (left) await stopLeftovers(left);
  record.remove();
  if (!record.claim()) throw alreadyRuns(dataDir, record.read()?.start.pid);
  watchOver(dataDir);
  return record;
}

/** Stops everything should this process be killed: a pipe of ours closes however we end. @param {string} dataDir */
function watchOver(dataDir) {
  const args = [guardian, dataDir, String(process.pid)];
  spawn(process.execPath, args, { stdio: ["pipe", "ignore", "ignore"], detached: true }).unref();
}

/**
 * @param {string} dataDir
 * @param {number | undefined} pid
 */
function alreadyRuns(dataDir, pid) {
  const where = relative(repositoryDir, dataDir) || dataDir;
  return new Problem(
    `waggle already runs on ${where} (process ${pid}): stop that one, or start another beside it with PORT_OFFSET=100.`,
  );
}
