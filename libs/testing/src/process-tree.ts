import { execFileSync } from "node:child_process";

/** A process and those it started, and those they did: PostgreSQL works in a process per connection. */
export function processTree(root: number): number[] {
  const lines = execFileSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" }).trim().split("\n");
  const parents = new Map(
    lines.map((line) => line.trim().split(/\s+/).map(Number)).map(([pid, parent]) => [pid, parent]),
  );
  const isIn = (pid: number | undefined): boolean => pid !== undefined && (pid === root || isIn(parents.get(pid)));
  return [...parents.keys()].filter((pid): pid is number => isIn(pid));
}
