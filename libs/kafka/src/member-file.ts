import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { z } from "zod";

const contents = z.object({ group_id: z.string(), member_id: z.string(), host: z.string(), pid: z.number().int() });

/**
 * Under which member id this process is in its group, kept over a crash. A process that starts in its place can then
 * leave for the dead one at once, instead of everybody waiting until its session expires.
 */
export class MemberFile {
  /** @param path of this process alone; its directory is made when missing */
  constructor(
    private readonly path: string,
    private readonly groupId: string,
  ) {}

  /**
   * The member id of a dead predecessor; null when there is none, or when it cannot be ruled out that it lives: it
   * ran on another host, or a process with its id still runs here (our own id is our predecessor's in a container).
   */
  predecessor(): string | null {
    try {
      const { group_id, member_id, host, pid } = contents.parse(JSON.parse(readFileSync(this.path, "utf8")));
      if (group_id !== this.groupId || host !== hostname()) return null;
      return pid === process.pid || !isRunning(pid) ? member_id : null;
    } catch {
      return null;
    }
  }

  /** @throws Error when the file cannot be written */
  remember(memberId: string): void {
    const text = JSON.stringify({ group_id: this.groupId, member_id: memberId, host: hostname(), pid: process.pid });
    mkdirSync(dirname(this.path), { recursive: true });
    const unfinished = `${this.path}.${process.pid}`;
    writeFileSync(unfinished, text);
    renameSync(unfinished, this.path);
  }

  /** To be called when the group has been left. */
  forget(): void {
    rmSync(this.path, { force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Not ours to signal, but there.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
