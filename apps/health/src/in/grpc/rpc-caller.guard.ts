import { type CanActivate, createParamDecorator, type ExecutionContext, Injectable } from "@nestjs/common";
import { WaggleError } from "@waggle/domain";
import { bearerToken, Readiness } from "@waggle/service";
import type { Caller } from "../../manage/caller";
import { Doorkeeper } from "../../manage/rate-limits/doorkeeper";
import { callOf, metadataText, originOf, type RpcCall } from "./rpc-call";

const callers = new WeakMap<RpcCall, Caller>();

/** HTTP's `CallerGuard` at this door: the token is in the metadata, as `authorization: Bearer …`. */
@Injectable()
export class RpcCallerGuard implements CanActivate {
  constructor(
    private readonly doorkeeper: Doorkeeper,
    private readonly readiness: Readiness,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if ("work" in this.readiness.report) throw new WaggleError("not_ready", "health is starting or stopping");
    const call = callOf(context);
    const caller = await this.doorkeeper.admit({
      token: () => bearerToken(metadataText(call, "authorization")),
      origin: originOf(call),
      // Who was refused learns from RetryInfo when to come again.
      onRate: () => undefined,
    });
    callers.set(call, caller);
    return true;
  }
}

/** Who asks, in methods of an `RpcService`. */
export const RpcCaller = createParamDecorator((_: unknown, context: ExecutionContext): Caller => {
  const caller = callers.get(callOf(context));
  if (!caller) throw new WaggleError("unauthorized", "the method has no guard");
  return caller;
});
