import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { processName } from "../process/identity.mjs";

/** @typedef {import("../process/identity.mjs").ProcessName} ProcessName */
/** @typedef {{ start: ProcessName, services: Record<string, ProcessName & { stop_signal: NodeJS.Signals }> }} Contents */

/**
 * `<DATA_DIR>/running.json`: which `npm start` has this directory, and what it runs. It keeps a second start out, and
 * lets the next one stop what a killed one left behind.
 */
export class RunningRecord {
  #path;
  /** @type {Contents} */
  #contents = { start: processName(process.pid), services: {} };

  /** @param {string} dataDir */
  constructor(dataDir) {
    this.#path = join(dataDir, "running.json");
  }

  /** What stands there now, whoever wrote it. @returns {Contents | null} */
  read() {
    try {
      return JSON.parse(readFileSync(this.#path, "utf8"));
    } catch {
      return null;
    }
  }

  /** Takes the directory for this process. @returns {boolean} false when another one was faster */
  claim() {
    try {
      writeFileSync(this.#path, JSON.stringify(this.#contents), { flag: "wx" });
      return true;
    } catch {
      return false;
    }
  }

  /**
   * @param {string} name
   * @param {number} pid
   * @param {NodeJS.Signals} stopSignal
   */
  add(name, pid, stopSignal) {
    this.#contents.services[name] = { ...processName(pid), stop_signal: stopSignal };
    const unfinished = `${this.#path}.unfinished`;
    writeFileSync(unfinished, JSON.stringify(this.#contents));
    renameSync(unfinished, this.#path);
  }

  remove() {
    rmSync(this.#path, { force: true });
  }
}
