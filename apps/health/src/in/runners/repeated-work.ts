import { setTimeout as sleep } from "node:timers/promises";
import { WaggleError } from "@waggle/domain";

export interface RepeatedWorkOptions {
  readonly work: () => Promise<void>;
  /** Milliseconds between the end of one time and the beginning of the next. */
  readonly everyMs: number;
  /** What a time that failed is called in the log. */
  readonly failed: string;
  readonly logger: { warn(fields: object, event: string): void };
}

/** How long a stop waits for what is under way; what it is at will be done again by whoever comes next. */
const STOP_LIMIT_MS = 5_000;

/** Does something again and again, whether it goes well or not. */
export class RepeatedWork {
  private readonly stopping = new AbortController();
  private running: Promise<void> = Promise.resolve();

  constructor(private readonly options: RepeatedWorkOptions) {}

  start(): void {
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await Promise.race([this.running, sleep(STOP_LIMIT_MS, undefined, { ref: false })]);
  }

  private async run(): Promise<void> {
    const { work, everyMs, failed, logger } = this.options;
    const { signal } = this.stopping;
    while (!signal.aborted) {
      try {
        await work();
      } catch (error) {
        logger.warn(error instanceof WaggleError ? { code: error.code } : { err: error }, failed);
      }
      await sleep(everyMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }
}
