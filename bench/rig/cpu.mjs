/** CPU seconds and memory of processes, as the kernel counts them. */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { loadavg } from "node:os";

const ticksPerSecond = Number(execFileSync("getconf", ["CLK_TCK"]));

/** @param {number} pid */
function ownCpu(pid) {
  // The name in parentheses may hold spaces: the fields are counted from behind it.
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

/** @param {number} pid the processes it started, such as PostgreSQL's backends */
function childrenOf(pid) {
  return readdirSync(`/proc/${pid}/task`).flatMap((task) => {
    const list = readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").trim();
    return list === "" ? [] : list.split(" ").map(Number);
  });
}

/** @param {number} pid */
function ended(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1).split(" ");
  return (Number(fields[13]) + Number(fields[14])) / ticksPerSecond;
}

/** @param {number} pid @returns {number} CPU seconds of a process and its children, ended ones included */
export function cpuSeconds(pid) {
  let total = ownCpu(pid) + ended(pid);
  for (const child of childrenOf(pid)) {
    try {
      total += ownCpu(child);
    } catch {
      // It ended while we looked; its parent will count it.
    }
  }
  return total;
}

/** @param {Record<string, number>} pids @returns {Record<string, number>} */
export function cpuOf(pids) {
  return Object.fromEntries(Object.entries(pids).map(([name, pid]) => [name, cpuSeconds(pid)]));
}

/** @param {number} pid @returns {number} MiB of memory in use */
export function residentMib(pid) {
  const match = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return Math.round(Number(match?.[1]) / 1_024);
}

/** The machine's load over the last minute, to be quoted with every figure. */
export function load() {
  return Number(loadavg()[0].toFixed(2));
}
