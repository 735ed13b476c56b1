import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { eventually } from "@waggle/testing";

const ROOT = `${__dirname}/../../..`;

/** The line of `npm start -- --json`. Source: contract §1. */
export interface Ready {
  readonly ready: true;
  readonly ingest_url: string;
  readonly management_url: string;
  readonly grpc_address: string;
  readonly smtp_address: string;
  readonly admin_token: string;
  readonly tenant_id: string;
  readonly api_key: string;
  readonly kafka_brokers: string;
  readonly database_url: string;
  readonly pids: Record<"kafka" | "postgres" | "ingest" | "router" | "dispatcher" | "health", number>;
}

export interface StartOptions {
  readonly flags?: readonly string[];
  /** Beside what this process has; undefined takes a variable away. */
  readonly env?: Record<string, string | undefined>;
  /** Where package.json is; this checkout when absent. */
  readonly directory?: string;
}

/** An `npm start` as someone at a terminal would type it, silenced of npm's own banner. */
export class NpmStart {
  private readonly npm: ChildProcess;
  stdout = "";
  stderr = "";

  constructor({ flags = [], env = {}, directory = ROOT }: StartOptions) {
    // NODE_ENV is Jest's; nobody has it set to "test" at a terminal.
    const whole = { ...process.env, NODE_ENV: undefined, ...env };
    this.npm = spawn("npm", ["start", "--silent", "--", ...flags], { cwd: directory, env: whole });
    this.npm.stdout?.on("data", (chunk: Buffer) => {
      this.stdout += chunk.toString();
    });
    this.npm.stderr?.on("data", (chunk: Buffer) => {
      this.stderr += chunk.toString();
    });
  }

  /** Waits until `words` are in what it printed on stdout. */
  async printed(words: string): Promise<void> {
    const look = () => {
      if (this.npm.exitCode !== null) throw new Error(`npm start ended with ${this.npm.exitCode}: ${this.stderr}`);
      return this.stdout.includes(words);
    };
    await eventually(`"${words}" of npm start`, look, 150_000).catch((error: unknown) => {
      throw new Error(`${error}\n${this.stderr}`);
    });
  }

  /** Waits for the line of `--json`. */
  async ready(): Promise<Ready> {
    await this.printed("\n");
    return JSON.parse(this.stdout);
  }

  /** Signals npm itself. @returns npm's exit code */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<number | null> {
    if (this.npm.exitCode === null) this.npm.kill(signal);
    return this.ended();
  }

  /** @returns npm's exit code */
  async ended(): Promise<number | null> {
    if (this.npm.exitCode === null && this.npm.signalCode === null) await once(this.npm, "close");
    return this.npm.exitCode;
  }
}

/** Runs a start that is expected to be refused. */
export async function refusedStart(options: StartOptions): Promise<{ code: number | null; said: string }> {
  const start = new NpmStart(options);
  const code = await start.ended();
  if (start.stdout !== "") throw new Error(`stdout is not empty: ${start.stdout}`);
  return { code, said: start.stderr.trim() };
}

/** Runs a command line as pasted into a shell. @returns its stdout */
export async function pasted(line: string): Promise<string> {
  const shell = spawn("sh", ["-c", line], { stdio: ["ignore", "pipe", "inherit"] });
  return text(shell.stdout);
}
