import { MAX_MAIL_BYTES } from "@waggle/contracts";
import { WaggleError } from "@waggle/domain";
import { TRANSACTION_LIMITS } from "../../accept/mail/transaction-limits";

export interface Reply {
  readonly code: number;
  /** Begins with an enhanced status code (RFC 3463). */
  readonly text: string;
}

/**
 * What the SMTP server answers where waggle itself decides; docs/inbound.md lists the same. A 4xx asks the sender to
 * come again with the same message, a 5xx tells it not to.
 */
export const REPLIES = {
  unknown_recipient: { code: 550, text: "5.1.1 no such inbound address here" },
  too_many_recipients: { code: 452, text: `4.5.3 at most ${TRANSACTION_LIMITS.recipients} recipients at a time` },
  too_large_for_more: { code: 452, text: "4.5.3 the message is too large for more recipients at a time" },
  too_large_for_so_many: { code: 552, text: "5.3.4 the message is too large for so many recipients at a time" },
  too_large: { code: 552, text: `5.3.4 the message has more than ${MAX_MAIL_BYTES} bytes` },
  no_memory: { code: 452, text: "4.3.1 too much mail is being received, try again later" },
  not_stored: { code: 451, text: "4.3.0 the message could not be stored in time, try again later" },
  failed: { code: 451, text: "4.3.0 something went wrong here, try again later" },
  bare_line_ending: { code: 550, text: "5.5.2 lines must end in CRLF" },
  too_many_connections: { code: 421, text: "4.7.0 too many connections, try again later" },
  too_many_refused: { code: 421, text: "4.7.0 too many recipients were refused" },
  too_slow: { code: 421, text: "4.4.2 the message took too long" },
  session_too_long: { code: 421, text: "4.4.2 the session took too long, connect again" },
  stopping: { code: 421, text: "4.3.2 the server is stopping, try again later" },
} as const satisfies Readonly<Record<string, Reply>>;

export type ReplyName = keyof typeof REPLIES;

/** The reply as the error that smtp-server takes from its handlers. */
export function refusal(name: ReplyName): Error {
  const { code, text } = REPLIES[name];
  return Object.assign(new Error(text), { responseCode: code });
}

/** What to answer when a message could not be accepted. */
export function replyTo(error: unknown): ReplyName {
  if (!(error instanceof WaggleError)) return "failed";
  if (error.code === "kafka_unavailable") return "not_stored";
  return error.code === "payload_too_large" || error.code === "record_too_large" ? "too_large_for_so_many" : "failed";
}
