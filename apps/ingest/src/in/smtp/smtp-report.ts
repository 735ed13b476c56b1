import type { Logger } from "@waggle/service";
import { Counter, type Registry } from "prom-client";
import { REPLIES, type ReplyName } from "./replies";

/**
 * What became of a session, each outranking those before it: nothing was offered; something was refused for good; the
 * client broke the protocol or left amid a message; it was told to come again; at least one message was accepted.
 */
export const SESSION_RESULTS = ["empty", "refused", "broken", "deferred", "accepted"] as const;
export type SessionResult = (typeof SESSION_RESULTS)[number];

/** The result of a connection that was one too many. */
const LIMITED = "limited";

/** One message that Kafka has. */
export interface AcceptedMail {
  readonly sessionId: string;
  readonly eventIds: readonly string[];
  readonly tenantIds: readonly string[];
  readonly bytes: number;
  readonly durationMs: number;
}

/** What SMTP sessions leave in the log and the metrics: ids, sizes and codes, no address and nothing of the mail. */
export class SmtpReport {
  private readonly sessions: Counter<"result">;
  private readonly messages: Counter<"result">;

  constructor(
    registry: Registry,
    private readonly logger: Logger,
  ) {
    this.sessions = new Counter({
      name: "waggle_smtp_sessions_total",
      help: "SMTP sessions that ended, by the best that became of them; limited: turned away at once",
      labelNames: ["result"],
      registers: [registry],
    });
    this.messages = new Counter({
      name: "waggle_smtp_messages_total",
      help: "Messages that SMTP clients sent: accepted, refused (5xx), deferred (4xx)",
      labelNames: ["result"],
      registers: [registry],
    });
    for (const result of [...SESSION_RESULTS, LIMITED]) this.sessions.inc({ result }, 0);
    for (const result of ["accepted", "refused", "deferred"]) this.messages.inc({ result }, 0);
  }

  ended(result: SessionResult): void {
    this.sessions.inc({ result });
  }

  turnedAway(): void {
    this.sessions.inc({ result: LIMITED });
    this.logger.debug("smtp.turned_away");
  }

  accepted({ sessionId, eventIds, tenantIds, bytes, durationMs }: AcceptedMail): void {
    this.messages.inc({ result: "accepted" });
    const line = { session_id: sessionId, event_ids: eventIds, tenant_ids: tenantIds, bytes, duration_ms: durationMs };
    this.logger.info(line, "mail.accepted");
  }

  /** A message that came, in part at least, and was not taken. */
  refused(sessionId: string, reply: ReplyName, error?: unknown): void {
    const { code } = REPLIES[reply];
    this.messages.inc({ result: code < 500 ? "deferred" : "refused" });
    const line = { session_id: sessionId, reply, status: code };
    if (reply === "failed") this.logger.error({ ...line, err: error }, "mail.failed");
    else this.logger.info(line, "mail.refused");
  }
}
