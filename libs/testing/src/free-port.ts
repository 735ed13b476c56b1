import { once } from "node:events";
import { createServer } from "node:net";

/** A port nobody listens on, below those that systems give to outgoing connections: nothing takes it until its use. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(12_000 + Math.floor(Math.random() * 20_000), "127.0.0.1");
  const listening = await Promise.race([
    once(server, "listening").then(() => true),
    once(server, "error").then(() => false),
  ]);
  if (!listening) return freePort();
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address ? address.port : freePort();
}
