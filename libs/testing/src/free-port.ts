import { once } from "node:events";
import { createServer } from "node:net";

/**
 * Below the ports that systems give to outgoing connections, and above those that the scripts which start Kafka and
 * PostgreSQL choose from (tools/process/free-ports.mjs). Each worker of Jest has a quarter of its own.
 */
const FIRST = 16_000;
const EACH = 4_000;
const QUARTERS = 4;

const given = new Set<number>();

/** A port nobody listens on, which no other test is given: nothing takes it until its use. */
export async function freePort(): Promise<number> {
  const quarter = (Number(process.env.JEST_WORKER_ID ?? 1) - 1) % QUARTERS;
  const port = FIRST + quarter * EACH + Math.floor(Math.random() * EACH);
  if (given.has(port)) return freePort();
  const server = createServer().listen(port, "127.0.0.1");
  const isFree = await Promise.race([
    once(server, "listening").then(() => true),
    once(server, "error").then(() => false),
  ]);
  if (!isFree) return freePort();
  await new Promise((resolve) => server.close(resolve));
  given.add(port);
  return port;
}
