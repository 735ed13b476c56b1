import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

const END_OF_REPLY = /^\d{3}(?: .*)?\r\n/m;

/** An SMTP client that says what it is told to, byte by byte, also what no client should. */
export class SmtpClient {
  private heard = "";
  private ended = false;
  private wake: () => void = () => undefined;

  private constructor(private socket: Socket) {
    this.listen();
  }

  /** Connects and waits for the greeting. */
  static async at(port: number): Promise<SmtpClient> {
    const client = SmtpClient.silent(port);
    await client.reply();
    return client;
  }

  /** Connects, waiting for nothing. */
  static silent(port: number): SmtpClient {
    return new SmtpClient(connect({ port, host: "127.0.0.1", noDelay: true }));
  }

  /** Sends bytes as they are. */
  send(bytes: string | Buffer): void {
    this.socket.write(bytes);
  }

  /** Sends a command and resolves to what is answered, all lines of it. */
  async say(command: string): Promise<string> {
    this.send(`${command}\r\n`);
    return this.reply();
  }

  /** The next reply; empty when the server closes the connection instead. */
  async reply(): Promise<string> {
    for (;;) {
      const match = END_OF_REPLY.exec(this.heard);
      if (match) {
        const reply = this.heard.slice(0, match.index + match[0].length);
        this.heard = this.heard.slice(reply.length);
        return reply.trimEnd();
      }
      if (this.ended) return "";
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
  }

  /** EHLO, MAIL FROM and RCPT TO, as a client does that keeps the rules. */
  async envelope(recipients: readonly string[], sender = "a@example.com"): Promise<void> {
    const commands = [`MAIL FROM:<${sender}>`, ...recipients.map((address) => `RCPT TO:<${address}>`)];
    for (const command of ["EHLO client.example.com", ...commands]) {
      const reply = await this.say(command);
      if (!reply.startsWith("250")) throw new Error(`${command}: ${reply}`);
    }
  }

  /** Sends a whole message after `envelope`; `raw` is dot-stuffed already. */
  async message(raw: string | Buffer): Promise<string> {
    const goOn = await this.say("DATA");
    if (!goOn.startsWith("354")) return goOn;
    this.send(raw);
    this.send("\r\n.\r\n");
    return this.reply();
  }

  async startTls(): Promise<void> {
    this.socket.removeAllListeners();
    const secured = connectTls({ socket: this.socket, rejectUnauthorized: false });
    await once(secured, "secureConnect");
    this.socket = secured;
    this.listen();
  }

  /** Whether the server closed the connection, waiting until it does. */
  async closed(): Promise<void> {
    if (!this.ended) await once(this.socket, "close");
  }

  /** Goes away without a word. */
  vanish(): void {
    this.socket.destroy();
  }

  private listen(): void {
    this.socket.on("data", (piece: Buffer) => {
      this.heard += piece.toString("latin1");
      this.wake();
    });
    this.socket
      .on("error", () => undefined)
      .once("close", () => {
        this.ended = true;
        this.wake();
      });
  }
}
