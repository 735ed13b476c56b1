import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const script = join(__dirname, "../../../tools/stack/run-kafka.mjs");

/** A Kafka of a spec's own, to be frozen without others noticing. */
export class OwnKafka {
  private constructor(
    readonly brokers: string[],
    private readonly pid: number,
    private readonly keeper: ChildProcess,
    private readonly directory: string,
  ) {}

  static async start(): Promise<OwnKafka> {
    const directory = await mkdtemp(join(tmpdir(), "waggle-frozen-"));
    const keeper = spawn(process.execPath, [script, "--data-dir", directory], { stdio: ["pipe", "pipe", "inherit"] });
    const { brokers, pid }: { brokers: string; pid: number } = JSON.parse(await firstLine(keeper));
    return new OwnKafka([brokers], pid, keeper, directory);
  }

  /** It stands still, its connections open, until `thaw`. */
  freeze(): void {
    process.kill(this.pid, "SIGSTOP");
  }

  thaw(): void {
    process.kill(this.pid, "SIGCONT");
  }

  async stop(): Promise<void> {
    this.thaw();
    this.keeper.stdin?.end();
    if (this.keeper.exitCode === null) await once(this.keeper, "exit");
    await rm(this.directory, { recursive: true, force: true });
  }
}

async function firstLine({ stdout }: ChildProcess): Promise<string> {
  if (!stdout) throw new Error("the broker has no stdout");
  for await (const line of createInterface({ input: stdout })) return line;
  throw new Error("the broker did not start; the reason stands above");
}
