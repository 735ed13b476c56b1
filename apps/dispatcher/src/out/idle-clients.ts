import { type buildConnector, Client } from "undici";
import { readingPastContinue } from "./unasked-continue";

/** Milliseconds an idle connection is kept: less than the 5 s after which common servers close it, or a POST meets the close. */
const KEEP_ALIVE_MS = 4_000;
/** Bytes of response headers. Source: safety.md "Limits". */
const MAX_HEADER_BYTES = 16_384;

/**
 * undici's clients, each with one connection and one request at a time. One whose response was read to its end waits
 * for the next request to its origin, until its connection closes; any other is destroyed. (A Pool would connect anew
 * after every request that was given up, only to find that there is nothing to send.)
 */
export class IdleClients {
  private readonly idle = new Map<string, Client[]>();
  private readonly connector: buildConnector.connector;

  constructor(connector: buildConnector.connector) {
    this.connector = readingPastContinue(connector);
  }

  /** The one used last, or a new one. To be given back. */
  take(origin: string): Client {
    const client = this.idle.get(origin)?.at(-1);
    if (!client) return this.create(origin);
    this.remove(origin, client);
    return client;
  }

  /** @param isReusable whether the response was read to its end */
  giveBack(origin: string, client: Client, isReusable: boolean): void {
    if (!isReusable || client.destroyed) {
      destroy(client);
      return;
    }
    const clients = this.idle.get(origin);
    if (clients) clients.push(client);
    else this.idle.set(origin, [client]);
  }

  /** Destroys all that are idle. */
  close(): void {
    for (const client of [...this.idle.values()].flat()) destroy(client);
    this.idle.clear();
  }

  private create(origin: string): Client {
    const client = new Client(origin, {
      connect: this.connector,
      pipelining: 1,
      keepAliveTimeout: KEEP_ALIVE_MS,
      keepAliveMaxTimeout: KEEP_ALIVE_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
      // The attempt's own deadline covers both.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    client.on("disconnect", () => {
      if (this.remove(origin, client)) destroy(client);
    });
    return client;
  }

  /** Whether it was idle. */
  private remove(origin: string, client: Client): boolean {
    const clients = this.idle.get(origin) ?? [];
    const index = clients.lastIndexOf(client);
    if (index < 0) return false;
    clients.splice(index, 1);
    if (clients.length === 0) this.idle.delete(origin);
    return true;
  }
}

function destroy(client: Client): void {
  // Resolves once its connection is closed; nobody waits for that.
  client.destroy().catch(() => undefined);
}
