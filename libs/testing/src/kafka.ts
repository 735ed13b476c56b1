import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { z } from "zod";
import { freePort } from "./free-port";

const PROGRAM = join(__dirname, "../../../tools/stack/run-kafka.mjs");
const ready = z.object({ brokers: z.string(), pid: z.number() });

/** A broker of a test's own, to be frozen, killed and started again. What it stored outlives it until `close`. */
export class PrivateBroker {
  private keeper: ChildProcess | null = null;
  private pid = 0;

  private constructor(
    private readonly directory: string,
    private readonly port: number,
  ) {}

  /** A broker that does not run yet, whose address is known. */
  static async prepare(): Promise<PrivateBroker> {
    return new PrivateBroker(await mkdtemp(join(tmpdir(), "waggle-kafka-")), await freePort());
  }

  static async start(): Promise<PrivateBroker> {
    const broker = await PrivateBroker.prepare();
    await broker.start();
    return broker;
  }

  get brokers(): string[] {
    return [`127.0.0.1:${this.port}`];
  }

  /** Starts it, also anew after `kill`. Resolves when it answers. */
  async start(): Promise<void> {
    const args = [PROGRAM, "--data-dir", this.directory, "--port", String(this.port)];
    this.keeper = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "ignore"] });
    this.pid = ready.parse(JSON.parse(await firstLine(this.keeper))).pid;
  }

  /** The broker stands still, its connections open, until `thaw`. */
  freeze(): void {
    this.signal("SIGSTOP");
  }

  /** Harmless when it is not frozen, or not there. */
  thaw(): void {
    this.signal("SIGCONT");
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    this.signal("SIGKILL");
    await this.ended();
  }

  /** Stops it and removes what it stored. */
  async close(): Promise<void> {
    this.thaw();
    this.keeper?.stdin?.end();
    await this.ended();
    await rm(this.directory, { recursive: true, force: true });
  }

  private signal(signal: NodeJS.Signals): void {
    if (this.keeper?.exitCode === null) process.kill(this.pid, signal);
  }

  private async ended(): Promise<void> {
    if (this.keeper?.exitCode === null) await once(this.keeper, "exit");
  }
}

async function firstLine({ stdout }: ChildProcess): Promise<string> {
  if (!stdout) throw new Error("the broker has no stdout");
  for await (const line of createInterface({ input: stdout })) return line;
  throw new Error("the broker did not start");
}
