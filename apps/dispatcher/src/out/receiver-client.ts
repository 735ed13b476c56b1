import type { Socket } from "node:net";
import { EgressError, SOCKET_LIFETIME } from "@waggle/egress";
import { type buildConnector, Client, type Dispatcher } from "undici";

export interface ReceiverClientSettings {
  readonly connector: buildConnector.connector;
  /** From this age on, ms, it takes no further request; the connector's lifetime of a socket is to be no shorter. */
  readonly retireAfterMs?: number;
}

/** Milliseconds an idle connection is kept: less than the 5 s after which common servers close it, or a POST meets the close. */
const KEEP_ALIVE_MS = 4_000;
/** Bytes of response headers. Source: safety.md "Limits". */
const MAX_HEADER_BYTES = 16_384;
/**
 * Bytes of one answer on the wire: headers, as much of a body as is read, and some for interim responses and framing.
 * undici counts neither those nor the status line nor blanks, and parses as fast as somebody sends them.
 */
const MAX_ANSWER_BYTES = 262_144;

/** undici's client, with one connection and one request at a time. */
export class ReceiverClient {
  private readonly client: Client;
  private readonly startedAt = performance.now();
  private readonly retireAfterMs: number;
  private socket: Socket | null = null;
  private readBefore = 0;

  /** @param onDisconnect its connection has closed */
  constructor(origin: string, settings: ReceiverClientSettings, onDisconnect: () => void) {
    this.retireAfterMs = settings.retireAfterMs ?? SOCKET_LIFETIME.retireAfterMs;
    this.client = new Client(origin, {
      connect: (options, callback) => {
        settings.connector(options, (...result) => {
          const [error, socket] = result;
          if (error === null) this.watch(socket);
          callback(...result);
        });
      },
      pipelining: 1,
      keepAliveTimeout: KEEP_ALIVE_MS,
      keepAliveMaxTimeout: KEEP_ALIVE_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
      // The attempt's own deadline covers both.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    this.client.on("disconnect", onDisconnect);
  }

  /**
   * Whether it may take another request. By its age, because the socket alone cannot tell under load: it never is idle,
   * and would be ended at its last age in the middle of an attempt.
   */
  get isReusable(): boolean {
    return !this.client.destroyed && performance.now() - this.startedAt < this.retireAfterMs;
  }

  dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): void {
    this.readBefore = this.socket?.bytesRead ?? 0;
    this.client.dispatch(options, handler);
  }

  destroy(): void {
    // Resolves once its connection is closed; nobody waits for that.
    this.client.destroy().catch(() => undefined);
  }

  private watch(socket: Socket): void {
    this.socket = socket;
    this.readBefore = socket.bytesRead;
    // Before undici's own listener, so that what is too much is not parsed any more.
    socket.on("readable", () => {
      if (socket.bytesRead - this.readBefore <= MAX_ANSWER_BYTES) return;
      socket.destroy(new EgressError("headers_too_large", "the answer has no end"));
    });
  }
}
