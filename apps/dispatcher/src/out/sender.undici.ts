import { classifyConnectError } from "@waggle/egress";
import type { buildConnector } from "undici";
import { type OutgoingRequest, Sender, type SendResult } from "../deliver/ports";
import { OriginPools } from "./origin-pools";
import { ResponseReader } from "./response-reader";

/**
 * HTTP over undici's lowest door, `Pool.dispatch`, a pool per origin. Follows no redirect, and one deadline covers DNS,
 * connect, TLS and response headers; what is read of the body afterwards never changes the outcome.
 */
export class UndiciSender extends Sender {
  private readonly pools: OriginPools;

  constructor(connector: buildConnector.connector) {
    super();
    this.pools = new OriginPools(connector);
  }

  send(request: OutgoingRequest): Promise<SendResult> {
    return new Promise((resolve) => {
      const reader = new ResponseReader(request.timeoutMs, resolve);
      try {
        const url = new URL(request.url);
        this.pools.of(url.origin).dispatch(
          {
            origin: url.origin,
            path: url.pathname + url.search,
            method: "POST",
            headers: { ...request.headers },
            body: request.body,
          },
          reader,
        );
      } catch (error) {
        reader.fail(classifyConnectError(error));
      }
    });
  }

  /** Closes all connections; to be called when nothing is in flight. Nest calls it by the hook's name. */
  async onApplicationShutdown(): Promise<void> {
    await this.pools.close();
  }
}
