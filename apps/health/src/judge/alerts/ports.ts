import type { AlertMail } from "./alert-mail";

/** A mail that waits to be sent. */
export interface WaitingMail extends AlertMail {
  /** The same however often it is tried. */
  readonly id: number;
  /** How often it was tried before. */
  readonly tries: number;
  /** Milliseconds since the epoch. */
  readonly created_at: number;
}

/** The mails that were committed with what they tell of. Every method rejects with `database_unavailable`. */
export abstract class AlertQueue {
  /**
   * Takes the mail that is due longest, null when none is; until `until` nobody else gets it, and then it is due again.
   * Milliseconds since the epoch.
   */
  abstract take(now: number, until: number): Promise<WaitingMail | null>;
  abstract postpone(mail: WaitingMail, until: number): Promise<void>;
  /** It was sent, or is given up. */
  abstract remove(mail: WaitingMail): Promise<void>;
}

export abstract class MailServer {
  /** Resolves when the server has taken the mail over; rejects when it has not, or that is not known. */
  abstract send(mail: WaitingMail): Promise<void>;
}
