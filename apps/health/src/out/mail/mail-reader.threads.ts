import { join } from "node:path";
import type { InboundMail } from "@waggle/contracts";
import { UNREADABLE_MESSAGE } from "@waggle/domain";
import { MailThreads } from "@waggle/mail";
import type { Logger } from "@waggle/service";
import { keptMessage, type ReadMail } from "../../observe/inbound/kept-message";
import { MailReader } from "../../observe/inbound/ports";
import type { MailIds } from "./read-mail.worker";

export interface MailReaderOptions {
  readonly logger: Logger;
  /** The compiled `read-mail.worker`; by default the one beside this file. */
  readonly workerFile?: string | undefined;
}

/** Reads messages in worker threads, and makes their JSON there too: that of 10 MiB takes long enough to be noticed. */
export class ThreadedMailReader extends MailReader {
  private readonly threads: MailThreads<MailIds, ReadMail>;

  constructor({ logger, workerFile = join(__dirname, "read-mail.worker.js") }: MailReaderOptions) {
    super();
    this.threads = new MailThreads({
      workerFile,
      onUnread: ({ part, error, rest }) => logger.warn({ err: error, ...rest, part }, "inbound.unreadable"),
    });
  }

  async read(mail: InboundMail): Promise<ReadMail> {
    const read = await this.threads.read(mail.raw, { event_id: mail.id, tenant_id: mail.tenant_id });
    return read ?? { kept: keptMessage(UNREADABLE_MESSAGE), contents: [] };
  }

  /** Nest calls it by the hook's name once consumption is over. */
  async onApplicationShutdown(): Promise<void> {
    await this.threads.close();
  }
}
