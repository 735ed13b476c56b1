import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { TOPICS } from "@waggle/contracts";
import { createKafka, ensureTopics } from "@waggle/kafka";
import { createLogger } from "@waggle/service";

const SCRIPT = join(__dirname, "../../../tools/stack/run-kafka.mjs");

/** A broker of a test's own, with waggle's topics: it may be frozen, and its directory holds nobody else's things. */
export class PrivateKafka {
  private constructor(
    private readonly keeper: ChildProcess,
    private readonly pid: number,
    private readonly directory: string,
    readonly brokers: string,
    readonly client: ReturnType<typeof createKafka>,
  ) {}

  static async start(): Promise<PrivateKafka> {
    const directory = await mkdtemp(join(tmpdir(), "waggle-manage-"));
    const keeper = spawn(process.execPath, [SCRIPT, "--data-dir", directory], { stdio: ["pipe", "pipe", "inherit"] });
    const { brokers, pid }: { brokers: string; pid: number } = JSON.parse(await firstLine(keeper));
    const logger = createLogger("test", "silent");
    const client = createKafka({ brokers: [brokers], ssl: false, sasl: null, clientId: "test", logger });
    await ensureTopics(client, TOPICS, 1);
    return new PrivateKafka(keeper, pid, directory, brokers, client);
  }

  /** Connections stay, but nothing is answered. */
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
