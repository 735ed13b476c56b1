import { mendingParser } from "./mended-parser";
import { ReceiverClient, type ReceiverClientSettings } from "./receiver-client";

/**
 * Clients, each with one connection and one request at a time. One whose response was read to its end waits for the next
 * request to its origin, until its connection closes or is too old; any other is destroyed. (A Pool would connect anew
 * after every request that was given up, only to find that there is nothing to send.)
 */
export class IdleClients {
  private readonly idle = new Map<string, ReceiverClient[]>();
  private readonly settings: ReceiverClientSettings;

  constructor(settings: ReceiverClientSettings) {
    this.settings = { ...settings, connector: mendingParser(settings.connector) };
  }

  /** The one used last, or a new one. To be given back. */
  take(origin: string): ReceiverClient {
    const client = this.idle.get(origin)?.at(-1);
    if (!client) return this.create(origin);
    this.remove(origin, client);
    return client;
  }

  /** @param isComplete whether the response was read to its end */
  giveBack(origin: string, client: ReceiverClient, isComplete: boolean): void {
    if (!isComplete || !client.isReusable) {
      client.destroy();
      return;
    }
    const clients = this.idle.get(origin);
    if (clients) clients.push(client);
    else this.idle.set(origin, [client]);
  }

  /** Destroys all that are idle. */
  close(): void {
    for (const client of [...this.idle.values()].flat()) client.destroy();
    this.idle.clear();
  }

  private create(origin: string): ReceiverClient {
    const client = new ReceiverClient(origin, this.settings, () => {
      if (this.remove(origin, client)) client.destroy();
    });
    return client;
  }

  /** Whether it was idle. */
  private remove(origin: string, client: ReceiverClient): boolean {
    const clients = this.idle.get(origin) ?? [];
    const index = clients.lastIndexOf(client);
    if (index < 0) return false;
    clients.splice(index, 1);
    if (clients.length === 0) this.idle.delete(origin);
    return true;
  }
}
