import { createTransport } from "nodemailer";
import { MailServer, type WaitingMail } from "../../judge/alerts/ports";

/** Milliseconds of silence. */
const LIMITS = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 20_000, dnsTimeout: 10_000 };

/** Milliseconds, well below the time for which a mail is held: a server that trickles is never silent. */
const WHOLE_LIMIT_MS = 60_000;

/** The server that `SMTP_ALERT_URL` names. A connection per mail: there are few. */
export class SmtpMailServer extends MailServer {
  constructor(private readonly options: { readonly url: string; readonly from: string; readonly limitMs?: number }) {
    super();
  }

  async send({ id, created_at, recipient, subject, text, html }: WaitingMail): Promise<void> {
    const { url, from, limitMs = WHOLE_LIMIT_MS } = this.options;
    let limit: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      limit = setTimeout(
        () => reject(Object.assign(new Error("the server took too long"), { code: "ETIMEDOUT" })),
        limitMs,
      );
    });
    const transport = createTransport({ url, ...LIMITS, disableFileAccess: true, disableUrlAccess: true });
    try {
      const sent = transport.sendMail({
        from,
        to: { name: "", address: recipient },
        subject,
        text,
        html,
        // The same at each try, by which mail systems know a second copy.
        messageId: `<waggle-alert-${created_at}-${id}@${
          from
            .split("@")
            .at(-1)
            ?.replace(/[^\w.-]/g, "") ?? "localhost"
        }>`,
        headers: { "Auto-Submitted": "auto-generated" },
      });
      await Promise.race([sent, late]);
    } finally {
      clearTimeout(limit);
      transport.close();
    }
  }
}
