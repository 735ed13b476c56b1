import type { DescMethod } from "@bufbuild/protobuf";
import type { ServerUnaryCall, ServerWritableStream } from "@grpc/grpc-js";
import { type ArgumentsHost, createParamDecorator, type ExecutionContext } from "@nestjs/common";
import type { Origin } from "../../manage/rate-limits/client-address";
import { methodAt } from "./schema";

/** A call as grpc-js has it; its messages are bytes. */
export type RpcCall = ServerUnaryCall<Buffer, Buffer> | RpcStreamCall;
export type RpcStreamCall = ServerWritableStream<Buffer, Buffer>;

/** Nest hands a handler the request, its metadata and the call. */
export function callOf(host: ArgumentsHost): RpcCall {
  return host.getArgByIndex(2);
}

/** The call itself, for methods that answer with a stream. */
export const RpcStream = createParamDecorator((_: unknown, context: ExecutionContext): RpcCall => callOf(context));

export function methodOf(call: RpcCall): DescMethod {
  return methodAt(call.getPath());
}

/** Where a call comes from. A peer has its port behind it: `192.0.2.1:50123` or `[2001:db8::1]:50123`. */
export function originOf(call: RpcCall): Origin {
  const peer = call
    .getPeer()
    .replace(/:\d+$/, "")
    .replace(/^\[(.*)\]$/, "$1");
  return { peer, forwardedFor: call.metadata.get("x-forwarded-for").join(",") };
}

/** One value of the metadata as text; undefined when there is none. */
export function metadataText(call: RpcCall, name: string): string | undefined {
  return call.metadata.get(name)[0]?.toString();
}
