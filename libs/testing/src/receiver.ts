import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** One request as the receiver got it. */
export interface ReceivedRequest {
  /** Milliseconds since the epoch when its body was complete, and when it was answered (null: not yet). */
  readonly at: number;
  answeredAt: number | null;
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  readonly delayMs?: number;
}

/** How a receiver answers: a fixed answer, one that depends on the request, or whatever is done with the response. */
export type Behaviour = Answer | ((request: ReceivedRequest, response: ServerResponse) => Answer | "mine" | "hang");

/** A webhook's receiver on a free port of 127.0.0.1, that remembers what it gets. */
export class Receiver {
  readonly requests: ReceivedRequest[] = [];
  behaviour: Behaviour = { status: 200, body: "ok" };

  private constructor(private readonly server: Server) {
    server.on("request", (message, response) => {
      const chunks: Buffer[] = [];
      message.on("data", (chunk: Buffer) => chunks.push(chunk));
      message.on("end", () => {
        const request: ReceivedRequest = {
          at: Date.now(),
          answeredAt: null,
          method: message.method ?? "",
          path: message.url ?? "",
          headers: message.headers,
          body: Buffer.concat(chunks),
        };
        this.requests.push(request);
        this.answer(request, response);
      });
    });
  }

  static async start(): Promise<Receiver> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new Receiver(server);
  }

  url(path = "/"): string {
    const { port } = this.server.address() as AddressInfo;
    return `http://127.0.0.1:${port}${path}`;
  }

  /** What came to one path, in order. */
  at(path: string): ReceivedRequest[] {
    return this.requests.filter((request) => request.path === path);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private answer(request: ReceivedRequest, response: ServerResponse): void {
    const { behaviour } = this;
    const answer = typeof behaviour === "function" ? behaviour(request, response) : behaviour;
    if (answer === "mine" || answer === "hang") return;
    const send = () => {
      request.answeredAt = Date.now();
      response.writeHead(answer.status, answer.headers ? { ...answer.headers } : {}).end(answer.body ?? "");
    };
    if (answer.delayMs === undefined) send();
    else setTimeout(send, answer.delayMs);
  }
}
