import type { AlertQueue, MailServer, WaitingMail } from "./ports";

export interface AlertSenderParts {
  readonly queue: AlertQueue;
  readonly server: MailServer;
  readonly now: () => number;
  readonly logger: {
    info(fields: object, event: string): void;
    warn(fields: object, event: string): void;
  };
}

/** Longer than sending takes, so that a mail is not sent twice; a process that dies with it delays it by this much. */
const HOLD_MS = 120_000;

const RETRY_MS = { first: 2_000, most: 600_000 } as const;

/** An alert that is older tells nobody anything: what it was about has ended, or was told again. */
const GIVE_UP_MS = 3 * 86_400_000;

/** Sends the mails that wait, each once, and tries again those that the server does not take. */
export class AlertSender {
  constructor(private readonly parts: AlertSenderParts) {}

  /** Sends all that is due. @throws WaggleError `database_unavailable` */
  async sendDue(): Promise<void> {
    const { queue, now } = this.parts;
    for (;;) {
      const mail = await queue.take(now(), now() + HOLD_MS);
      if (!mail) return;
      await this.send(mail);
    }
  }

  private async send(mail: WaitingMail): Promise<void> {
    const { queue, server, now, logger } = this.parts;
    const { id, tries, created_at } = mail;
    try {
      await server.send(mail);
    } catch (error) {
      const givenUp = now() - created_at > GIVE_UP_MS;
      // Of the error only the code: servers repeat addresses in what they say.
      logger.warn({ alert_id: id, tries: tries + 1, given_up: givenUp, code: codeOf(error) }, "alert.not_sent");
      if (givenUp) return queue.remove(mail);
      return queue.postpone(mail, now() + Math.min(RETRY_MS.first * 2 ** tries, RETRY_MS.most));
    }
    await queue.remove(mail);
    logger.info({ alert_id: id, tries: tries + 1 }, "alert.sent");
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : null;
}
