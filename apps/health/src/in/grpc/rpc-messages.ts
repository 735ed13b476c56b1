import type { JsonObject } from "@bufbuild/protobuf";
import { type CallHandler, createParamDecorator, type ExecutionContext, type NestInterceptor } from "@nestjs/common";
import { map, type Observable } from "rxjs";
import { readMessage, writeMessage } from "./message-json";
import { callOf, methodOf } from "./rpc-call";

/** The request in protobuf's JSON. Read when the caller is known: who may not ask does not learn what is wrong. */
export const RpcRequest = createParamDecorator((_: unknown, context: ExecutionContext): JsonObject => {
  return readMessage(methodOf(callOf(context)).input, context.switchToRpc().getData());
});

/** Turns what a method answers, as HTTP would, into its message. */
export class RpcAnswers implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<Buffer> {
    const { output } = methodOf(callOf(context));
    return next.handle().pipe(map((view: unknown) => writeMessage(output, view)));
  }
}
