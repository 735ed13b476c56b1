import type { InboundMail } from "@waggle/contracts";
import { WaggleError } from "@waggle/domain";
import type { LogItem } from "../log-intake";
import type { ObserveLogger } from "../observe-logger";
import { blobKey } from "./blob-key";
import type { ReadMail } from "./kept-message";
import { type MessageEntry, messageEntry } from "./message-entry";
import type { Blobs, MailReader } from "./ports";

/** What rows are made of, once the blobs are kept. */
export interface MessageSink {
  take(items: readonly LogItem<MessageEntry>[]): void;
  drain(limitMs: number): Promise<void>;
}

export interface MailArchiveOptions {
  readonly reader: MailReader;
  readonly blobs: Pick<Blobs, "put">;
  readonly sink: MessageSink;
  readonly logger: ObserveLogger;
  /** Messages that are worked on at a time. */
  readonly atOnce: number;
}

const BACKOFF_MS = { first: 100, most: 5_000 } as const;

/**
 * Reads messages and keeps their source and attachments, then hands them on to be stored in rows: a row never tells of
 * what is not there, and what has no row harms nobody. Again keeps the same under the same keys. While blobs cannot be
 * kept everything is held and tried again for ever; who brings the records bounds them.
 */
export class MailArchive {
  private waiting: LogItem<InboundMail>[] = [];
  private readonly working = new Set<Promise<void>>();
  private readonly stopped = new AbortController();

  constructor(private readonly options: MailArchiveOptions) {}

  /** Takes records over and returns at once; each is `done()` when it is stored. */
  take(items: readonly LogItem<InboundMail>[]): void {
    this.waiting.push(...items);
    this.pump();
  }

  /** Begins nothing more, and resolves within `limitMs`: what is not stored by then is left to whoever comes next. */
  async drain(limitMs: number): Promise<void> {
    this.waiting = [];
    this.stopped.abort();
    await this.options.sink.drain(limitMs);
  }

  private pump(): void {
    while (this.working.size < this.options.atOnce) {
      const item = this.waiting.shift();
      if (!item) return;
      if (!item.record.owned) continue;
      const work = this.archive(item).finally(() => {
        this.working.delete(work);
        this.pump();
      });
      this.working.add(work);
    }
  }

  private async archive({ record, entry: mail }: LogItem<InboundMail>): Promise<void> {
    try {
      const read = await this.options.reader.read(mail);
      if (!(await this.keep(mail, read)) || !record.owned) return;
      this.options.sink.take([{ record, entry: messageEntry(mail, read.kept) }]);
    } catch (error) {
      // Only a reader that is closed rejects, and then this process is ending: the record stays for the next one.
      if (!this.stopped.signal.aborted) this.options.logger.error({ err: error, event_id: mail.id }, "inbound.failed");
    }
  }

  /** False: this process is stopping. */
  private async keep(mail: InboundMail, { contents }: ReadMail): Promise<boolean> {
    const { blobs, logger } = this.options;
    const { signal } = this.stopped;
    for (let failures = 0; !signal.aborted; failures++) {
      try {
        await blobs.put(blobKey(mail, "raw"), mail.raw);
        for (const [n, content] of contents.entries()) await blobs.put(blobKey(mail, n), content);
        return true;
      } catch (error) {
        const code = error instanceof WaggleError ? error.code : "internal_error";
        logger.warn({ code, event_id: mail.id, tenant_id: mail.tenant_id, failures }, "inbound.blobs_failed");
        await pause(Math.min(BACKOFF_MS.first * 2 ** failures, BACKOFF_MS.most), signal);
      }
    }
    return false;
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(end, ms);
    signal.addEventListener("abort", end, { once: true });
    if (signal.aborted) end();

    function end() {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    }
  });
}
