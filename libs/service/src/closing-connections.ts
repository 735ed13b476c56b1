import type { NestFastifyApplication } from "@nestjs/platform-fastify";

/** How often connections that have become idle are looked for while the server closes. */
const IDLE_CHECK_MS = 100;

/**
 * How long the server waits for what is under way: a client that stopped in the middle of its request, or a stream
 * without end, would hold up everything that follows.
 */
const CONNECTION_GRACE_MS = 20_000;

/**
 * Lets the server close as soon as its last request is answered. Node closes the connections that are idle when closing
 * begins, but one that becomes idle afterwards it keeps open for the client's next request, more than a minute.
 */
export function closeConnectionsOnStop(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addHook("preClose", (done) => {
    const { server } = fastify;
    const idle = setInterval(() => server.closeIdleConnections(), IDLE_CHECK_MS);
    const limit = setTimeout(() => server.closeAllConnections(), CONNECTION_GRACE_MS);
    server.once("close", () => {
      clearInterval(idle);
      clearTimeout(limit);
    });
    done();
  });
}
