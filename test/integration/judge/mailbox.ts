import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { SMTPServer } from "smtp-server";

export interface ReceivedMail {
  readonly to: readonly string[];
  readonly subject: string;
  readonly source: string;
}

/** A real SMTP server on a port of its own, which keeps the mails that it takes. */
export class Mailbox {
  readonly mails: ReceivedMail[] = [];
  /** Answers to give to the next mails instead of taking them. */
  readonly refusals: { readonly responseCode: number }[] = [];
  private readonly server: SMTPServer;

  private constructor() {
    this.server = new SMTPServer({
      authOptional: true,
      disabledCommands: ["STARTTLS", "AUTH"],
      onData: (stream, { envelope }, callback) => {
        const taken = async () => {
          const source = await text(stream);
          const refusal = this.refusals.shift();
          if (refusal) return callback(Object.assign(new Error("not now"), refusal));
          const subject = /^Subject: (.*(?:\r\n[ \t].*)*)/m.exec(source)?.[1]?.replace(/\r\n[ \t]/g, " ") ?? "";
          this.mails.push({ to: envelope.rcptTo.map(({ address }) => address), subject, source });
          callback();
        };
        taken().catch(callback);
      },
    });
  }

  static async open(): Promise<Mailbox> {
    const mailbox = new Mailbox();
    await new Promise<void>((resolve) => mailbox.server.listen(0, "127.0.0.1", resolve));
    return mailbox;
  }

  get url(): string {
    // A listening TCP server has such an address.
    const { port } = this.server.server.address() as AddressInfo;
    return `smtp://127.0.0.1:${port}`;
  }

  /** The subjects of the mails about a webhook, in the order of their arrival. */
  about(webhookId: string): string[] {
    return this.mails.filter(({ subject }) => subject.includes(webhookId)).map(({ subject }) => subject);
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.server.close(() => resolve()));
  }
}
