import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { z } from "zod";
import { eventually } from "./eventually";

export const REPOSITORY = join(__dirname, "../../..");

export type ServiceName = "kafka" | "postgres" | "ingest" | "router" | "dispatcher" | "health";

const runningSchema = z.object({ services: z.record(z.string(), z.object({ pid: z.number() })) });

/** `npm start -- --json` as a process: its line, what it says of the processes it keeps running, and their ids. */
export class NpmStart {
  private readonly said: string[] = [];
  private readonly child: ChildProcess;

  constructor(
    private readonly dataDir: string,
    environment: NodeJS.ProcessEnv,
  ) {
    this.child = spawn(process.execPath, ["tools/start/main.mjs", "--json"], {
      cwd: REPOSITORY,
      env: { ...environment, DATA_DIR: dataDir },
      stdio: ["ignore", "pipe", "pipe"],
    });
    if (this.child.stderr) createInterface({ input: this.child.stderr }).on("line", (line) => this.said.push(line));
  }

  /** The one line on stdout. Rejects with what was said when it ends before. */
  async ready(): Promise<string> {
    const { child } = this;
    return new Promise((resolve, reject) => {
      if (child.stdout) createInterface({ input: child.stdout }).once("line", resolve);
      child.once("exit", (code) => reject(new Error(`npm start ended with ${code}:\n${this.said.join("\n")}`)));
    });
  }

  /** The present process of a service: it has another one each time it was started again. */
  pid(service: ServiceName): number {
    const { services } = runningSchema.parse(JSON.parse(readFileSync(join(this.dataDir, "running.json"), "utf8")));
    const pid = services[service]?.pid;
    if (pid === undefined) throw new Error(`${service} does not run`);
    return pid;
  }

  /**
   * Sends a service a signal that ends it.
   * @returns how it ended, in the supervisor's words: "ended with code 0", "was ended by SIGKILL"
   */
  async end(service: ServiceName, signal: "SIGTERM" | "SIGKILL"): Promise<string> {
    const ends = () => this.said.flatMap((line) => endOf(service, line));
    const before = ends().length;
    process.kill(this.pid(service), signal);
    return eventually(`the end of ${service}`, () => ends()[before], 60_000);
  }

  /** Stops all of it; returns the exit code. */
  async stop(): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      this.child.kill("SIGTERM");
      await once(this.child, "exit");
    }
    return this.child.exitCode;
  }
}

/** Stores are named as people know them. */
const SPOKEN: Partial<Record<ServiceName, string>> = { kafka: "Kafka", postgres: "PostgreSQL" };

function endOf(service: ServiceName, line: string): string[] {
  const [, name, how] = /^(\w+) (.*); starting it again in 1 s/.exec(line) ?? [];
  return name === (SPOKEN[service] ?? service) && how !== undefined ? [how] : [];
}
