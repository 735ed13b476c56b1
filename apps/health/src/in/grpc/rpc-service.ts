import { applyDecorators, Controller, UseFilters, UseGuards, UseInterceptors } from "@nestjs/common";
import { RpcCallerGuard } from "./rpc-caller.guard";
import { RpcAnswers } from "./rpc-messages";
import { RpcProblemFilter } from "./rpc-problem.filter";

/** A controller of methods that answer as HTTP would: to callers with a token, problems as gRPC has them. */
export function RpcService(): ClassDecorator {
  return applyDecorators(
    Controller(),
    UseGuards(RpcCallerGuard),
    UseInterceptors(RpcAnswers),
    UseFilters(RpcProblemFilter),
  );
}
