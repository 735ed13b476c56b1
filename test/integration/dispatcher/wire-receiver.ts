import type { Socket } from "node:net";
import { eventually } from "@waggle/testing";
import { type LoopbackListener, startListener } from "../egress/loopback-listener";

/** One request as it came over the wire, complete, and the socket to answer it on. */
export interface WireRequest {
  readonly socket: Socket;
  readonly text: string;
  /** 1, 2, … on its connection. */
  readonly number: number;
}

/** A receiver that answers with bytes, right or wrong: what an HTTP server would never send. */
export class WireReceiver {
  readonly requests: string[] = [];
  private readonly open = new Set<Socket>();

  private constructor(private readonly listener: LoopbackListener) {}

  /** Calls `answer` with every request that is complete. */
  static async start(answer: (request: WireRequest) => void): Promise<WireReceiver> {
    const listener = await startListener((socket) => {
      let unread = "";
      let number = 0;
      receiver.open.add(socket);
      socket.once("close", () => receiver.open.delete(socket));
      socket.on("data", (chunk: Buffer) => {
        unread += chunk.toString("latin1");
        for (let end = requestEnd(unread); end > 0; end = requestEnd(unread)) {
          const text = unread.slice(0, end);
          unread = unread.slice(end);
          number += 1;
          receiver.requests.push(text);
          answer({ socket, text, number });
        }
      });
    });
    const receiver = new WireReceiver(listener);
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${this.listener.port}/hook?a=1`;
  }

  get connections(): number {
    return this.listener.connections();
  }

  /** Resolves when no connection is open. */
  async allClosed(): Promise<void> {
    await eventually("all connections to be closed", () => this.open.size === 0);
  }

  close(): Promise<void> {
    return this.listener.close();
  }
}

/** The length of the first complete request, 0 when there is none. */
function requestEnd(text: string): number {
  const headEnd = text.indexOf("\r\n\r\n");
  if (headEnd < 0) return 0;
  const length = Number(/^content-length: (\d+)\r?$/im.exec(text.slice(0, headEnd))?.[1] ?? 0);
  const end = headEnd + 4 + length;
  return text.length >= end ? end : 0;
}
