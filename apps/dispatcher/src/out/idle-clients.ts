import { mendingParser } from "./mended-parser";
import { ReceiverClient, type ReceiverClientSettings } from "./receiver-client";

/** Whose requests a client takes, and to where. */
export interface ClientUse {
  readonly tenantId: string;
  readonly origin: string;
}

/**
 * Clients, each with one connection and one request at a time. One whose response was read to its end waits for the next
 * request of its tenant to its origin, until its connection closes or is too old; any other is destroyed. Of its tenant,
 * because whoever can make a shared host answer twice would answer for somebody else. (A Pool would connect anew after
 * every request that was given up, only to find that there is nothing to send.)
 */
export class IdleClients {
  private readonly idle = new Map<string, ReceiverClient[]>();
  private readonly settings: ReceiverClientSettings;

  constructor(settings: ReceiverClientSettings) {
    this.settings = { ...settings, connector: mendingParser(settings.connector) };
  }

  /** The one used last, or a new one. To be given back. */
  take(use: ClientUse): ReceiverClient {
    const client = this.idle.get(keyOf(use))?.at(-1);
    if (!client) return this.create(use);
    this.remove(use, client);
    return client;
  }

  /** @param isComplete whether the response was read to its end */
  giveBack(use: ClientUse, client: ReceiverClient, isComplete: boolean): void {
    if (!isComplete || !client.isReusable) {
      client.destroy();
      return;
    }
    const key = keyOf(use);
    const clients = this.idle.get(key);
    if (clients) clients.push(client);
    else this.idle.set(key, [client]);
  }

  /** Destroys all that are idle. */
  close(): void {
    for (const client of [...this.idle.values()].flat()) client.destroy();
    this.idle.clear();
  }

  private create(use: ClientUse): ReceiverClient {
    const client = new ReceiverClient(use.origin, this.settings, () => {
      if (this.remove(use, client)) client.destroy();
    });
    return client;
  }

  /** Whether it was idle. */
  private remove(use: ClientUse, client: ReceiverClient): boolean {
    const key = keyOf(use);
    const clients = this.idle.get(key) ?? [];
    const index = clients.lastIndexOf(client);
    if (index < 0) return false;
    clients.splice(index, 1);
    if (clients.length === 0) this.idle.delete(key);
    return true;
  }
}

/** An origin has no blank. */
function keyOf({ tenantId, origin }: ClientUse): string {
  return `${origin} ${tenantId}`;
}
