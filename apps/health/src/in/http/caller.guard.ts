import { type CanActivate, createParamDecorator, type ExecutionContext, Injectable } from "@nestjs/common";
import { WaggleError } from "@waggle/domain";
import { bearerToken, Readiness } from "@waggle/service";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Caller } from "../../manage/caller";
import { Doorkeeper } from "../../manage/rate-limits/doorkeeper";
import { NO_JSON } from "./json-bodies";
import { sendRate } from "./rate-headers";

const callers = new WeakMap<FastifyRequest, Caller>();

/**
 * Lets nobody in whose token stands for nobody, or who sends too many requests. What a caller may do is decided by the
 * use case.
 */
@Injectable()
export class CallerGuard implements CanActivate {
  constructor(
    private readonly doorkeeper: Doorkeeper,
    private readonly readiness: Readiness,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if ("work" in this.readiness.report) throw new WaggleError("not_ready", "health is starting or stopping");
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    const caller = await this.doorkeeper.admit({
      token: () => bearerToken(request.headers.authorization),
      origin: {
        peer: request.socket.remoteAddress ?? "",
        forwardedFor: [request.headers["x-forwarded-for"] ?? []].flat().join(","),
      },
      onRate: (report) => sendRate(reply, report),
    });
    if (request.body === NO_JSON) throw new WaggleError("malformed_json", "the body is not valid JSON");
    callers.set(request, caller);
    return true;
  }
}

/** Who asks, on routes behind `CallerGuard`. */
export const CurrentCaller = createParamDecorator((_: unknown, context: ExecutionContext): Caller => {
  const caller = callers.get(context.switchToHttp().getRequest<FastifyRequest>());
  if (!caller) throw new WaggleError("unauthorized", "the route has no guard");
  return caller;
});
