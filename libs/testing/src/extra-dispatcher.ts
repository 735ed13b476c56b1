import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { eventually } from "./eventually";
import { freePort } from "./free-port";
import { REPOSITORY } from "./npm-start";

const MAIN = join(REPOSITORY, "dist/apps/dispatcher/src/main.js");

export interface ExtraDispatcherOptions {
  /** What the dispatcher of the stack gets too, its port apart. */
  readonly environment: Readonly<Record<string, string>>;
  readonly logFile: string;
}

/** One more dispatcher beside that of a stack. Nobody starts it again. */
export class ExtraDispatcher {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
  ) {}

  /** Resolves when it takes work. Its port is its own, and by that its member file. */
  static async start({ environment, logFile }: ExtraDispatcherOptions): Promise<ExtraDispatcher> {
    const port = await freePort();
    const log = openSync(logFile, "a");
    const child = spawn(process.execPath, ["--enable-source-maps", MAIN], {
      env: { ...environment, DISPATCHER_PORT: String(port) },
      stdio: ["ignore", log, log],
    });
    closeSync(log);
    const dispatcher = new ExtraDispatcher(child, `http://127.0.0.1:${port}`);
    const isReady = () =>
      fetch(`${dispatcher.url}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      );
    try {
      await eventually("one more dispatcher to be ready", isReady, 60_000);
    } catch (error) {
      await dispatcher.kill();
      throw error;
    }
    return dispatcher;
  }

  /** It stands still, its connections open, until `thaw`. */
  freeze(): void {
    this.child.kill("SIGSTOP");
  }

  thaw(): void {
    this.child.kill("SIGCONT");
  }

  /** Stops it as an operator would; resolves to its exit code. */
  async stop(): Promise<number | null> {
    if (this.runs()) {
      this.child.kill("SIGTERM");
      await once(this.child, "exit");
    }
    return this.child.exitCode;
  }

  /** Ends it, frozen or not; harmless when it has ended. */
  async kill(): Promise<void> {
    if (!this.runs()) return;
    this.child.kill("SIGKILL");
    await once(this.child, "exit");
  }

  private runs(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }
}
