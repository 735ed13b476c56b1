import type { JsonObject } from "@bufbuild/protobuf";
import { Metadata } from "@grpc/grpc-js";
import { type CallHandler, createParamDecorator, type ExecutionContext, type NestInterceptor } from "@nestjs/common";
import { map, type Observable } from "rxjs";
import { Answered } from "../../manage/idempotency/idempotency";
import { readMessage, writeMessage } from "./message-json";
import { callOf, metadataText, methodOf, type RpcCall } from "./rpc-call";

/** The request in protobuf's JSON. Read when the caller is known: who may not ask does not learn what is wrong. */
export const RpcRequest = createParamDecorator((_: unknown, context: ExecutionContext): JsonObject => {
  return readMessage(methodOf(callOf(context)).input, context.switchToRpc().getData());
});

/** HTTP's header `Idempotency-Key`. */
export const IdempotencyKey = createParamDecorator((_: unknown, context: ExecutionContext): string | undefined => {
  return metadataText(callOf(context), "idempotency-key");
});

/** An answer of which the message has the view in one of its fields. */
export async function answeredAs<View>(field: string, answering: Promise<Answered<View>>) {
  const { view, replayed } = await answering;
  return new Answered({ [field]: view }, replayed);
}

/** Turns what a method answers, as HTTP would, into its message. */
export class RpcAnswers implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<Buffer> {
    const call = callOf(context);
    const { output } = methodOf(call);
    return next.handle().pipe(map((answer: unknown) => writeMessage(output, viewOf(answer, call))));
  }
}

/** Says in the headers when it is the answer to an earlier request. */
function viewOf(answer: unknown, call: RpcCall): unknown {
  if (!(answer instanceof Answered)) return answer;
  if (answer.replayed) {
    const metadata = new Metadata();
    metadata.set("idempotency-replayed", "true");
    call.sendMetadata(metadata);
  }
  return answer.view;
}
