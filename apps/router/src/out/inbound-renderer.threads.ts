import { once } from "node:events";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import type { InboundMail } from "@waggle/contracts";
import type { Dialect, InboundMessage, ParseError } from "@waggle/domain";
import type { Logger } from "@waggle/service";
import { inboundBodies } from "../route/inbound-bodies";
import { InboundRenderer } from "../route/ports";
import type { RenderedBodies, RenderTask } from "./render-inbound.worker";

export interface InboundRendererOptions {
  readonly logger: Logger;
  /** Milliseconds a message may take. Default 10 s: some twenty times what 10 MiB of real mail take. */
  readonly timeLimitMs?: number;
  /** The compiled `render-inbound.worker`; by default the one beside this file. */
  readonly workerFile?: string | undefined;
}

const TIME_LIMIT_MS = 10_000;
/** Of the JavaScript heap of a thread; a message that takes more ends the thread, not the process. */
const HEAP_LIMIT_MB = 256;

const NOTHING: InboundMessage = {
  from: null,
  from_name: null,
  subject: null,
  message_id: null,
  html_body: null,
  text_body: null,
  headers: [],
  attachments: [],
  parse_error: "unreadable",
};

/**
 * Reads messages in worker threads, because 10 MiB take the better part of a second, and hostile ones as long as they
 * are let. A message that takes too long or ends its thread is told of by its header alone, and at last by its ids.
 */
export class ThreadedInboundRenderer extends InboundRenderer {
  private readonly workers = new Set<Worker>();
  private readonly idle = new Set<Worker>();
  private isClosed = false;

  constructor(private readonly options: InboundRendererOptions) {
    super();
  }

  async render(mail: InboundMail, dialects: readonly Dialect[]): Promise<ReadonlyMap<Dialect, Buffer>> {
    if (dialects.length === 0) return new Map();
    let headerOnly: ParseError | null = null;
    for (const part of ["message", "header"]) {
      try {
        return await this.run(mail, dialects, headerOnly);
      } catch (error) {
        if (this.isClosed) throw error;
        headerOnly = error instanceof Unread ? error.reason : "unreadable";
        this.options.logger.warn(
          { err: error, event_id: mail.id, tenant_id: mail.tenant_id, part },
          "inbound.unreadable",
        );
      }
    }
    return inboundBodies(mail, NOTHING, dialects);
  }

  /** Ends the threads; what they are about is left undone. Nest calls it by the hook's name once consumption is over. */
  async onApplicationShutdown(): Promise<void> {
    this.isClosed = true;
    await Promise.all([...this.workers].map((worker) => worker.terminate()));
  }

  private async run(
    mail: InboundMail,
    dialects: readonly Dialect[],
    headerOnly: ParseError | null,
  ): Promise<Map<Dialect, Buffer>> {
    const { id, tenant_id, accepted_at, hash, recipient } = mail;
    // A copy to give away: the bytes of a record are part of a whole answer of Kafka's, all of which would be copied.
    const raw = new Uint8Array(mail.raw);
    const bodies = await this.ask({
      raw,
      origin: { id, tenant_id, accepted_at, hash, recipient },
      dialects,
      headerOnly,
    });
    const bytesOf = (body: Uint8Array) => Buffer.from(body.buffer, body.byteOffset, body.byteLength);
    return new Map([...bodies].map(([dialect, body]) => [dialect, bytesOf(body)]));
  }

  /** One task for one thread. A thread that fails or takes too long is ended; the next task gets a new one. */
  private async ask(task: RenderTask): Promise<RenderedBodies> {
    const [worker = this.newWorker()] = this.idle;
    this.idle.delete(worker);
    worker.ref();
    const limit = AbortSignal.timeout(this.options.timeLimitMs ?? TIME_LIMIT_MS);
    try {
      const answered = once(worker, "message", { signal: limit });
      worker.postMessage(task, [task.raw.buffer as ArrayBuffer]);
      const [bodies]: RenderedBodies[] = await answered;
      if (!bodies) throw new Error("a thread answered nothing");
      worker.unref();
      this.idle.add(worker);
      return bodies;
    } catch (error) {
      await worker.terminate();
      throw new Unread(limit.aborted ? "took_too_long" : "unreadable", { cause: error });
    }
  }

  /** Made when there is work: most installations get no mail for hours. */
  private newWorker(): Worker {
    const file = this.options.workerFile ?? join(__dirname, "render-inbound.worker.js");
    const worker = new Worker(file, { resourceLimits: { maxOldGenerationSizeMb: HEAP_LIMIT_MB } });
    this.workers.add(worker);
    // What goes wrong is told to whoever waits; without a listener of its own it would end the process when nobody does.
    worker.on("error", () => this.idle.delete(worker));
    worker.once("exit", () => this.workers.delete(worker));
    return worker;
  }
}

/** A thread did not answer with bodies. */
class Unread extends Error {
  override readonly name = "Unread";

  constructor(
    readonly reason: ParseError,
    options: { readonly cause: unknown },
  ) {
    super(reason, options);
  }
}
