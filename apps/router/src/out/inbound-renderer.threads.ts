import { join } from "node:path";
import type { InboundMail } from "@waggle/contracts";
import { type Dialect, UNREADABLE_MESSAGE } from "@waggle/domain";
import { MailThreads } from "@waggle/mail";
import type { Logger } from "@waggle/service";
import { inboundBodies } from "../route/inbound-bodies";
import { InboundRenderer } from "../route/ports";
import type { RenderedBodies, RenderOrder } from "./render-inbound.worker";

export interface InboundRendererOptions {
  readonly logger: Logger;
  /** Milliseconds a message may take, as in `MailThreads`. */
  readonly timeLimitMs?: number;
  /** The compiled `render-inbound.worker`; by default the one beside this file. */
  readonly workerFile?: string | undefined;
}

/** Renders messages in worker threads. One of which nothing can be read in the time it may take is told of by its ids. */
export class ThreadedInboundRenderer extends InboundRenderer {
  private readonly threads: MailThreads<RenderOrder, RenderedBodies>;

  constructor({ logger, timeLimitMs, workerFile }: InboundRendererOptions) {
    super();
    this.threads = new MailThreads({
      workerFile: workerFile ?? join(__dirname, "render-inbound.worker.js"),
      timeLimitMs,
      onUnread: ({ part, error, rest: { origin } }) => {
        const { id: event_id, tenant_id } = origin;
        logger.warn({ err: error, event_id, tenant_id, part }, "inbound.unreadable");
      },
    });
  }

  async render(mail: InboundMail, dialects: readonly Dialect[]): Promise<ReadonlyMap<Dialect, Buffer>> {
    if (dialects.length === 0) return new Map();
    const { id, tenant_id, accepted_at, hash, recipient } = mail;
    const origin = { id, tenant_id, accepted_at, hash, recipient };
    const bodies = await this.threads.read(mail.raw, { origin, dialects });
    if (bodies === null) return inboundBodies(mail, UNREADABLE_MESSAGE, dialects);
    const bytesOf = (body: Uint8Array) => Buffer.from(body.buffer, body.byteOffset, body.byteLength);
    return new Map([...bodies].map(([dialect, body]) => [dialect, bytesOf(body)]));
  }

  /** Nest calls it by the hook's name once consumption is over. */
  async onApplicationShutdown(): Promise<void> {
    await this.threads.close();
  }
}
