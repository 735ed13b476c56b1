import type { SMTPServerSession } from "smtp-server";
import type { ReplyName } from "./replies";
import { SESSION_RESULTS, type SessionResult } from "./smtp-report";

/** What is remembered of one client from its connection to its end. */
export class SmtpSession {
  private best: SessionResult = "empty";
  private refused = 0;
  /** A message is coming in, or on its way to Kafka. */
  receiving = false;
  /** What is said, and the session ended, once the message is answered. */
  farewell: ReplyName | null = null;

  /** The best of all that was noted. */
  get result(): SessionResult {
    return this.best;
  }

  /** How many recipients were none of ours. */
  get refusedRecipients(): number {
    return this.refused;
  }

  note(result: SessionResult): void {
    if (SESSION_RESULTS.indexOf(result) > SESSION_RESULTS.indexOf(this.best)) this.best = result;
  }

  refuseRecipient(): void {
    this.note("refused");
    this.refused += 1;
  }
}

/** Bytes that the client said its message has (RFC 1870), 0 when it did not say. */
export function announcedBytes({ mailFrom }: SMTPServerSession["envelope"]): number {
  const size = mailFrom !== false && mailFrom.args !== false ? mailFrom.args.SIZE : undefined;
  return typeof size === "string" ? Number(size) : 0;
}
