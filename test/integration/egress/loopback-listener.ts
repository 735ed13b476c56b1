import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";

interface Place {
  readonly host: string;
  readonly port: number;
}

export interface LoopbackListener {
  readonly port: number;
  /** Connections accepted so far. */
  connections(): number;
  /** Resolves when no connection is open. */
  allClosed(): Promise<void>;
  close(): Promise<void>;
}

/** Listens on 127.0.0.1, or at `place`, and hands every connection to `onConnection`. */
export async function startListener(
  onConnection: (socket: Socket) => void = () => undefined,
  place?: Place,
): Promise<LoopbackListener> {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    onConnection(socket);
  });
  return listen(server, place);
}

/** Makes a listener of any server of node:net, node:tls, node:http or node:https. */
export async function listen(server: Server, place: Place = { host: "127.0.0.1", port: 0 }): Promise<LoopbackListener> {
  const open = new Set<Socket>();
  let accepted = 0;
  server.on("connection", (socket) => {
    accepted += 1;
    open.add(socket);
    socket.once("close", () => open.delete(socket));
  });
  server.listen(place);
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("not a TCP listener");
  return {
    port: address.port,
    connections: () => accepted,
    allClosed: async () => {
      await Promise.all([...open].map((socket) => once(socket, "close")));
    },
    close: async () => {
      server.close();
      for (const socket of open) socket.destroy();
      if (server.listening) await once(server, "close");
    },
  };
}
