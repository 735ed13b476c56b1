import type { NestFastifyApplication } from "@nestjs/platform-fastify";
import { problem } from "@waggle/contracts";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { sendProblem } from "./problem.filter";

/** The methods that each path of a server knows. */
export type KnownMethods = ReadonlyMap<string, ReadonlySet<string>>;

/** Follows which routes are made from now on. */
export function followRoutes(server: FastifyInstance): KnownMethods {
  const known = new Map<string, Set<string>>();
  server.addHook("onRoute", ({ url, method }) => {
    const methods = known.get(url) ?? new Set();
    for (const name of [method].flat()) methods.add(name);
    known.set(url, methods);
  });
  return known;
}

/**
 * Any other method of a path that is known is answered 405 with `Allow` (RFC 9110 §15.5.6), where it would be 404
 * otherwise. For when all routes are made.
 */
export function refuseOtherMethods(app: NestFastifyApplication, known: KnownMethods): void {
  const server = app.getHttpAdapter().getInstance();
  for (const [url, methods] of [...known]) {
    const allow = [...methods].sort().join(", ");
    const method = server.supportedMethods.filter((name) => !methods.has(name));
    if (url.includes("*") || method.length === 0) continue;
    const refuse = async (_request: FastifyRequest, reply: FastifyReply) => {
      reply.header("allow", allow);
      sendProblem(reply, problem("method_not_allowed", `this path knows ${allow}`));
      return reply;
    };
    // Before a body is looked at, which could lead to another answer.
    server.route({ method, url, onRequest: refuse, handler: refuse });
  }
}
