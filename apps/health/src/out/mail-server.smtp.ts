import { createTransport } from "nodemailer";
import { MailServer, type WaitingMail } from "../judge/alerts/ports";

/** Milliseconds; together well below the time for which a mail is held. */
const LIMITS = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 20_000, dnsTimeout: 10_000 };

/** The server that `SMTP_ALERT_URL` names. A connection per mail: there are few. */
export class SmtpMailServer extends MailServer {
  constructor(private readonly options: { readonly url: string; readonly from: string }) {
    super();
  }

  async send({ id, created_at, recipient, subject, text, html }: WaitingMail): Promise<void> {
    const { url, from } = this.options;
    const transport = createTransport({ url, ...LIMITS, disableFileAccess: true, disableUrlAccess: true });
    try {
      await transport.sendMail({
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
    } finally {
      transport.close();
    }
  }
}
