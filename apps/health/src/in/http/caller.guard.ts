import { type CanActivate, createParamDecorator, type ExecutionContext, Injectable } from "@nestjs/common";
import { WaggleError } from "@waggle/domain";
import { bearerToken, Readiness } from "@waggle/service";
import type { FastifyRequest } from "fastify";
import { Authenticator } from "../../manage/authenticator";
import type { Caller } from "../../manage/caller";

const callers = new WeakMap<FastifyRequest, Caller>();

/** Lets nobody in whose token stands for nobody. What a caller may do is decided by the use case. */
@Injectable()
export class CallerGuard implements CanActivate {
  constructor(
    private readonly authenticator: Authenticator,
    private readonly readiness: Readiness,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if ("work" in this.readiness.report) throw new WaggleError("not_ready", "health is starting or stopping");
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    callers.set(request, await this.authenticator.authenticate(bearerToken(request.headers.authorization)));
    return true;
  }
}

/** Who asks, on routes behind `CallerGuard`. */
export const CurrentCaller = createParamDecorator((_: unknown, context: ExecutionContext): Caller => {
  const caller = callers.get(context.switchToHttp().getRequest<FastifyRequest>());
  if (!caller) throw new WaggleError("unauthorized", "the route has no guard");
  return caller;
});
