import { once } from "node:events";
import { createServer } from "node:net";

/**
 * Ports nobody listens on, from below the range systems take for outgoing connections (32768 up), so that no
 * connection takes one between now and its use, and below those that tests give to others (16000 up, libs/testing).
 * @param {number} count
 * @returns {Promise<number[]>} all different
 */
export async function freePorts(count) {
  /** @type {Set<number>} */
  const found = new Set();
  while (found.size < count) {
    const port = 12_000 + Math.floor(Math.random() * 4_000);
    if ((await whyNotFree(port, "127.0.0.1")) === null) found.add(port);
  }
  return [...found];
}

/**
 * @param {number} port
 * @param {string} host
 * @returns {Promise<string | null>} null when it can be listened on, else the system's word for why not (EADDRINUSE)
 */
export async function whyNotFree(port, host) {
  const server = createServer();
  try {
    server.listen(port, host);
    await once(server, "listening");
    return null;
  } catch (error) {
    return error instanceof Error && "code" in error ? String(error.code) : String(error);
  } finally {
    server.close();
  }
}
