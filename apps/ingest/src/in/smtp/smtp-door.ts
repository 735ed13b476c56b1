import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { MAX_MAIL_BYTES } from "@waggle/contracts";
import type { SMTPServerAddress, SMTPServerDataStream, SMTPServerOptions, SMTPServerSession } from "smtp-server";
import type { MailAcceptor } from "../../accept/mail/mail-acceptor";
import { MailBuffer } from "../../accept/mail/mail-buffer";
import type { MailMemory } from "../../accept/mail/mail-memory";
import type { Recipient } from "../../accept/mail/recipient";
import { TRANSACTION_LIMITS } from "../../accept/mail/transaction-limits";
import { ConnectionLimits } from "./connection-limits";
import { readMail } from "./read-mail";
import { REPLIES, type ReplyName, refusal, replyTo } from "./replies";
import type { SmtpReport } from "./smtp-report";
import { announcedBytes, SmtpSession } from "./smtp-session";
import { StrictSmtpServer } from "./strict-smtp-server";

export interface SmtpOptions {
  readonly host: string;
  readonly port: number;
  /** What the server calls itself. */
  readonly domain: string;
  readonly maxConnections: number;
  readonly maxConnectionsPerAddress: number;
  /** PEM files for STARTTLS; null: none is offered. */
  readonly tls: { readonly certFile: string; readonly keyFile: string } | null;
  /** Milliseconds a client may be silent. Default 30,000. */
  readonly idleMs?: number;
  /** Milliseconds after which a session is ended, however busy. Default 600,000. */
  readonly sessionMs?: number;
}

export interface SmtpDoorParts {
  readonly acceptor: MailAcceptor;
  readonly memory: MailMemory;
  readonly report: SmtpReport;
}

const IDLE_MS = 30_000;
/** A client that says a little now and then is never idle, and holds a connection that others could have. */
const SESSION_MS = 600_000;
/** How long a stop waits for messages that are under way. */
const STOP_MS = 20_000;
/** Bytes of a command line: RFC 5321 §4.5.3.1.4 says 512, extensions add to it. */
const MAX_COMMAND_BYTES = 2_048;
/** Who asks for more addresses that do not exist is guessing. */
const MAX_REFUSED_RECIPIENTS = 100;

type Proceed = (error?: Error | null) => void;
type Answer = (error: Error | null, text?: string) => void;

/**
 * The SMTP server: mail for inbound addresses and nothing else. It never relays, authenticates nobody and sends nothing
 * back but its replies. Source: safety "SMTP", RFC 5321.
 */
export class SmtpDoor {
  private readonly server: StrictSmtpServer;
  private readonly limits: ConnectionLimits;
  private readonly sessions = new Map<string, SmtpSession>();
  private readonly sessionEnds = new Map<string, NodeJS.Timeout>();
  /** Whom the addresses of running transactions stand for: smtp-server hands the same object in at RCPT and at DATA. */
  private readonly recipients = new WeakMap<SMTPServerAddress, Recipient>();

  constructor(
    private readonly options: SmtpOptions,
    private readonly parts: SmtpDoorParts,
  ) {
    const { maxConnections: inAll, maxConnectionsPerAddress: perAddress } = options;
    this.limits = new ConnectionLimits({ inAll, perAddress });
    this.server = new StrictSmtpServer(this.serverOptions(), {
      limits: this.limits,
      onTurnedAway: () => parts.report.turnedAway(),
      onBareLineEnding: (id) => this.broken(id, "bare_line_ending"),
    });
    // What goes wrong on a connection ends it, and is counted then.
    this.server.on("error", () => undefined);
    // Those turned away stay a moment, to read why; beyond this many, connections are closed without a word.
    this.server.server.maxConnections = inAll * 2;
  }

  /** Where it listens. */
  get port(): number {
    const address = this.server.server.address();
    return typeof address === "object" && address !== null ? address.port : this.options.port;
  }

  /** Resolves when it listens: the directory must be complete by then, or addresses that exist would be refused. */
  async open(): Promise<void> {
    await this.readCertificate();
    const listening = this.server.listen(this.options.port, this.options.host);
    await once(listening, "listening");
  }

  /** Nest's hook: nobody new is let in, the idle are told to leave, and what is being received is finished. */
  async beforeApplicationShutdown(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(resolve));
    for (const id of this.sessions.keys()) this.dismiss(id, "stopping");
    await closed;
  }

  private async readCertificate(): Promise<void> {
    const { tls } = this.options;
    if (tls === null) return;
    const [cert, key] = await Promise.all([readFile(tls.certFile), readFile(tls.keyFile)]);
    this.server.updateSecureContext({ cert, key });
  }

  private serverOptions(): SMTPServerOptions {
    const { domain, tls, idleMs } = this.options;
    const disabled = ["AUTH", "XCLIENT", "XFORWARD", "WIZ", "SHELL", "KILL", ...(tls ? [] : ["STARTTLS"])];
    return {
      name: domain,
      heloResponse: "%s",
      size: MAX_MAIL_BYTES,
      disabledCommands: disabled,
      disableReverseLookup: true,
      // Who writes is the sender's business: mail is not lost over how its address is spelled.
      lenientAddressParsing: true,
      maxCommandLength: MAX_COMMAND_BYTES,
      socketTimeout: idleMs ?? IDLE_MS,
      closeTimeout: STOP_MS,
      logger: false,
      minVersion: "TLSv1.2",
      onConnect: (session, proceed) => this.greet(session, proceed),
      onMailFrom: (_address, session, proceed) => this.from(session, proceed),
      onRcptTo: (address, session, proceed) => this.to(address, session, proceed),
      onData: (stream, session, answer) => void this.data(stream, session, answer),
      onClose: (session) => this.leave(session),
    };
  }

  private greet({ id }: SMTPServerSession, proceed: Proceed): void {
    this.sessions.set(id, new SmtpSession());
    this.sessionEnds.set(
      id,
      setTimeout(() => this.dismiss(id, "session_too_long"), this.options.sessionMs ?? SESSION_MS),
    );
    proceed();
  }

  private from({ id }: SMTPServerSession, proceed: Proceed): void {
    if (!this.parts.memory.isFull) return void proceed();
    proceed(this.refusal(id, "no_memory"));
  }

  private to(address: SMTPServerAddress, { id, envelope }: SMTPServerSession, proceed: Proceed): void {
    const recipient = this.parts.acceptor.recipientAt(address.address);
    const objection = recipient === null ? this.unknownRecipient(id) : whyNoMore(envelope, address);
    if (recipient !== null) this.recipients.set(address, recipient);
    proceed(objection && this.refusal(id, objection));
  }

  private async data(stream: SMTPServerDataStream, { id, envelope }: SMTPServerSession, answer: Answer): Promise<void> {
    const session = this.sessions.get(id);
    if (session) session.receiving = true;
    const buffer = new MailBuffer(this.parts.memory);
    try {
      const whole = await readMail(stream, buffer, (reply) => this.cut(id, reply));
      if (!whole) session?.note("broken");
      else if (buffer.overflow !== null) this.refuseMail(id, buffer.overflow, answer);
      else await this.store({ id, envelope }, buffer, answer);
    } catch (error) {
      this.refuseMail(id, replyTo(error), answer, error);
    } finally {
      buffer.release();
      if (session) this.answered(id, session);
    }
  }

  private async store(
    { id, envelope }: Pick<SMTPServerSession, "id" | "envelope">,
    buffer: MailBuffer,
    answer: Answer,
  ): Promise<void> {
    const startedAt = performance.now();
    const recipients = envelope.rcptTo.flatMap((address) => this.recipients.get(address) ?? []);
    // Each was promised its mail with a 250.
    if (recipients.length !== envelope.rcptTo.length) throw new Error("a recipient of the transaction is not known");
    const sender = envelope.mailFrom === false ? "" : envelope.mailFrom.address;
    const bytes = buffer.size;
    const eventIds = await this.parts.acceptor.accept(
      { door: "smtp", sender, recipients, keyId: null },
      buffer.bytes(),
    );
    const tenantIds = [...new Set(recipients.map(({ tenant_id }) => tenant_id))];
    const durationMs = Math.round(performance.now() - startedAt);
    this.sessions.get(id)?.note("accepted");
    this.parts.report.accepted({ sessionId: id, eventIds, tenantIds, bytes, durationMs });
    const [first, ...others] = eventIds;
    answer(null, `2.6.0 accepted as ${first}${others.length > 0 ? ` and ${others.length} more` : ""}`);
  }

  private answered(id: string, session: SmtpSession): void {
    session.receiving = false;
    const { farewell } = session;
    if (farewell) setImmediate(() => this.server.interrupt(id, REPLIES[farewell]));
  }

  private leave({ id }: SMTPServerSession): void {
    this.limits.release(id);
    clearTimeout(this.sessionEnds.get(id));
    this.sessionEnds.delete(id);
    this.parts.report.ended(this.sessions.get(id)?.result ?? "empty");
    this.sessions.delete(id);
  }

  private refusal(id: string, reply: ReplyName): Error {
    this.sessions.get(id)?.note(REPLIES[reply].code < 500 ? "deferred" : "refused");
    return refusal(reply);
  }

  private unknownRecipient(id: string): ReplyName {
    const session = this.sessions.get(id);
    session?.refuseRecipient();
    return (session?.refusedRecipients ?? 0) > MAX_REFUSED_RECIPIENTS ? "too_many_refused" : "unknown_recipient";
  }

  private refuseMail(id: string, reply: ReplyName, answer: Answer, error?: unknown): void {
    this.parts.report.refused(id, reply, error);
    answer(this.refusal(id, reply));
  }

  /** Ends a session in the middle of its message. */
  private cut(id: string, reply: ReplyName): void {
    this.broken(id, reply);
    this.server.interrupt(id, REPLIES[reply]);
  }

  /** Ends a session between messages: what is being received is finished and answered first. */
  private dismiss(id: string, reply: ReplyName): void {
    const session = this.sessions.get(id);
    if (session?.receiving) session.farewell = reply;
    else this.server.interrupt(id, REPLIES[reply]);
  }

  private broken(id: string, reply: ReplyName): void {
    const session = this.sessions.get(id);
    session?.note("broken");
    if (session?.receiving) this.parts.report.refused(id, reply);
  }
}

/** What speaks against one more recipient in a transaction, null when nothing does. */
function whyNoMore(envelope: SMTPServerSession["envelope"], { address }: SMTPServerAddress): ReplyName | null {
  const spelling = address.toLowerCase();
  // One that is named again takes its own place.
  const others = envelope.rcptTo.filter(({ address: other }) => other.toLowerCase() !== spelling).length;
  if (others >= TRANSACTION_LIMITS.recipients) return "too_many_recipients";
  return (others + 1) * announcedBytes(envelope) > TRANSACTION_LIMITS.bytes ? "too_large_for_more" : null;
}
