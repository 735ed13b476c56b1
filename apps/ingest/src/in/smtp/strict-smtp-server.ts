import type { Socket } from "node:net";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import type { ConnectionLimits } from "./connection-limits";
import { LineEndings } from "./line-endings";
import { REPLIES, type Reply } from "./replies";

type Connect = SMTPServer["connect"];
type OnSecure = SMTPServer["onSecure"];

/** How long the client of a connection that was turned away may take to leave. */
const FAREWELL_MS = 5_000;

export interface StrictnessOptions {
  readonly limits: ConnectionLimits;
  readonly onTurnedAway: () => void;
  /** A session broke the rule on line endings; it is being answered and closed. */
  readonly onBareLineEnding: (sessionId: string) => void;
}

/**
 * smtp-server with what it does not do itself: it takes a bare LF for the end of a command and lets both kinds of bare
 * line endings into messages, and it has no limit on connections by address.
 */
export class StrictSmtpServer extends SMTPServer {
  constructor(
    options: SMTPServerOptions,
    private readonly strictness: StrictnessOptions,
  ) {
    super(options);
  }

  override connect(...[socket, given]: Parameters<Connect>): void {
    if (socket.destroyed) return;
    const id = given?.id ?? "";
    const { limits, onTurnedAway } = this.strictness;
    if (!limits.admit(id, socket.remoteAddress ?? "")) {
      onTurnedAway();
      turnAway(socket, REPLIES.too_many_connections);
      return;
    }
    // In front of smtp-server's own listener: what follows a bare line ending is not to be carried out.
    this.watch(socket, id);
    super.connect(socket, given);
  }

  /** The watch of the plain socket ended with STARTTLS, which removes its listeners. */
  override onSecure(...[socket, session, proceed]: Parameters<OnSecure>): void {
    this.watch(socket, session.id);
    proceed();
  }

  /** Answers a session out of turn and, with a 421, closes it. */
  interrupt(sessionId: string, { code, text }: Reply): void {
    for (const connection of this.connections) {
      if (connection.id !== sessionId) continue;
      connection.send(code, text);
      connection.close();
    }
  }

  private watch(socket: Socket, id: string): void {
    const lines = new LineEndings();
    const look = (piece: Buffer) => {
      if (!lines.hasBare(piece)) return;
      socket.off("data", look);
      this.strictness.onBareLineEnding(id);
      this.interrupt(id, REPLIES.bare_line_ending);
    };
    socket.on("data", look);
  }
}

function turnAway(socket: Socket, { code, text }: Reply): void {
  const limit = setTimeout(() => socket.destroy(), FAREWELL_MS).unref();
  socket.on("error", () => undefined).once("close", () => clearTimeout(limit));
  socket.resume().end(`${code} ${text}\r\n`);
}
