import { connect, createServer, type Server, type Socket } from "node:net";

/** A way to PostgreSQL that a test can cut or freeze, without touching the server that others use. */
export class PostgresProxy {
  private readonly sockets = new Set<Socket>();
  private state: "open" | "frozen" | "cut" = "open";

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async to(databaseUrl: string): Promise<PostgresProxy> {
    const target = new URL(databaseUrl);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("the proxy has no port");
    const url = Object.assign(new URL(databaseUrl), { hostname: "127.0.0.1", port: String(address.port) });
    const proxy = new PostgresProxy(server, url.href);
    server.on("connection", (client) => proxy.join(client, connect(Number(target.port), target.hostname)));
    return proxy;
  }

  /** Connections stay, but nothing gets through: a server that hangs. */
  freeze(): void {
    this.state = "frozen";
    for (const socket of this.sockets) socket.pause();
  }

  /** Every connection breaks, and so does every new one: a server that is away. */
  cut(): void {
    this.state = "cut";
    for (const socket of this.sockets) socket.destroy();
  }

  open(): void {
    this.state = "open";
    for (const socket of this.sockets) socket.resume();
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private join(client: Socket, postgres: Socket): void {
    for (const [from, to] of [
      [client, postgres],
      [postgres, client],
    ] as const) {
      this.sockets.add(from);
      from.on("data", (data) => to.write(data));
      from.on("error", () => to.destroy());
      from.on("close", () => {
        this.sockets.delete(from);
        to.destroy();
      });
      if (this.state === "frozen") from.pause();
      if (this.state === "cut") from.destroy();
    }
  }
}
