import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { testBrokers } from "@waggle/testing";
import { z } from "zod";

const line = z.object({
  handed: z.number().optional(),
  finished: z.number().optional(),
  partition: z.number().optional(),
  isMember: z.boolean().optional(),
  failed: z.string().optional(),
});

export interface MemberProcessOptions {
  readonly groupId: string;
  readonly topic: string;
  readonly sessionTimeoutMs: number;
  /** Milliseconds a record takes at most; null: until told to finish. */
  readonly workMs: number | null;
  readonly memberFile?: string;
}

/** A member of a consumer group in a process of its own (`member.ts`), and what it has told so far. */
export class MemberProcess {
  readonly handed: string[] = [];
  readonly finished: string[] = [];
  readonly failures: string[] = [];
  isMember = false;
  private readonly child: ChildProcess;

  constructor(options: MemberProcessOptions) {
    const program = [join(__dirname, "run-typescript.cjs"), join(__dirname, "member.ts")];
    const args = [...program, JSON.stringify({ brokers: testBrokers(), ...options })];
    this.child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
    if (this.child.stdout) createInterface({ input: this.child.stdout }).on("line", (text) => this.hear(text));
  }

  /** From now on it finishes what it is handed, and what it was. */
  finish(): void {
    this.child.stdin?.write("finish\n");
  }

  freeze(): void {
    this.child.kill("SIGSTOP");
  }

  thaw(): void {
    this.child.kill("SIGCONT");
  }

  /** Ends it as a crash would; safe to call twice. */
  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill("SIGKILL");
    await once(this.child, "exit");
  }

  private hear(text: string): void {
    const { handed, finished, partition, isMember, failed } = line.parse(JSON.parse(text));
    if (handed !== undefined) this.handed.push(`${partition}@${handed}`);
    if (finished !== undefined) this.finished.push(`${partition}@${finished}`);
    if (isMember !== undefined) this.isMember = isMember;
    if (failed !== undefined) this.failures.push(failed);
  }
}
