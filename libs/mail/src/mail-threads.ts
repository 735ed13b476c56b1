import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { ParseError } from "@waggle/domain";

export interface MailThreadsOptions<Rest> {
  /** The compiled file that each thread runs. It answers every `MailTask` with one message. */
  readonly workerFile: string;
  /** Milliseconds a message may take. Default 10 s: some twenty times what 10 MiB of real mail take. */
  readonly timeLimitMs?: number | undefined;
  /** Told of each part of a message that could not be read. */
  readonly onUnread: (unread: UnreadPart<Rest>) => void;
}

export interface UnreadPart<Rest> {
  readonly part: "message" | "header";
  readonly error: unknown;
  /** What was asked for beside the message. */
  readonly rest: Rest;
}

/** What a thread is asked: `Rest` is the worker file's own matter. */
export type MailTask<Rest> = Rest & {
  readonly raw: Uint8Array;
  /** Why only the header is to be read; null: everything is. */
  readonly headerOnly: ParseError | null;
};

const TIME_LIMIT_MS = 10_000;
/** Of the JavaScript heap of a thread; a message that takes more ends the thread, not the process. */
const HEAP_LIMIT_MB = 256;

/**
 * Reads messages in worker threads, because 10 MiB take the better part of a second, and hostile ones as long as they
 * are let. A message that takes too long or ends its thread is read again, its header alone. As many threads as there
 * are messages at a time; who asks bounds those.
 */
export class MailThreads<Rest extends object, Answer> {
  private readonly workers = new Set<Worker>();
  private readonly idle = new Set<Worker>();
  private isClosed = false;

  constructor(private readonly options: MailThreadsOptions<Rest>) {}

  /** What a thread says of the message, or else of its header; null: not even that. Rejects only once it is closed. */
  async read(message: Uint8Array, rest: Rest): Promise<Answer | null> {
    let headerOnly: ParseError | null = null;
    for (const part of ["message", "header"] as const) {
      // A copy to give away: the bytes of a record are part of a whole answer of Kafka's, all of which would be copied.
      const raw = new Uint8Array(message);
      try {
        return await this.ask({ ...rest, raw, headerOnly });
      } catch (error) {
        if (this.isClosed) throw error;
        headerOnly = error instanceof Unread ? error.reason : "unreadable";
        this.options.onUnread({ part, error, rest });
      }
    }
    return null;
  }

  /** Ends the threads; what they are about is left undone. */
  async close(): Promise<void> {
    this.isClosed = true;
    await Promise.all([...this.workers].map((worker) => worker.terminate()));
  }

  /** One task for one thread. A thread that fails or takes too long is ended; the next task gets a new one. */
  private async ask(task: MailTask<Rest>): Promise<Answer> {
    const [worker = this.newWorker()] = this.idle;
    this.idle.delete(worker);
    worker.ref();
    const limit = AbortSignal.timeout(this.options.timeLimitMs ?? TIME_LIMIT_MS);
    const over = new AbortController();
    const signal = AbortSignal.any([limit, over.signal]);
    try {
      const answered = Promise.race([once(worker, "message", { signal }), exitOf(worker, signal)]);
      worker.postMessage(task, [task.raw.buffer as ArrayBuffer]);
      const [answer]: Answer[] = await answered;
      if (answer === undefined) throw new Error("a thread answered nothing");
      worker.unref();
      this.idle.add(worker);
      return answer;
    } catch (error) {
      await worker.terminate();
      throw new Unread(limit.aborted ? "took_too_long" : "unreadable", { cause: error });
    } finally {
      // Takes the listeners off a thread that goes on.
      over.abort();
    }
  }

  /** Made when there is work: most installations get no mail for hours. */
  private newWorker(): Worker {
    const worker = new Worker(this.options.workerFile, { resourceLimits: { maxOldGenerationSizeMb: HEAP_LIMIT_MB } });
    this.workers.add(worker);
    // What goes wrong is told to whoever waits; without a listener of its own it would end the process when nobody does.
    worker.on("error", () => undefined);
    worker.once("exit", () => {
      this.workers.delete(worker);
      this.idle.delete(worker);
    });
    return worker;
  }
}

/** Rejects when the thread ends, if only because its message had it end itself. */
async function exitOf(worker: Worker, signal: AbortSignal): Promise<never> {
  await once(worker, "exit", { signal });
  throw new Error("a thread ended without an answer");
}

/** A thread did not answer. */
class Unread extends Error {
  override readonly name = "Unread";

  constructor(
    readonly reason: ParseError,
    options: { readonly cause: unknown },
  ) {
    super(reason, options);
  }
}
