import type { JsonObject } from "@bufbuild/protobuf";
import { Metadata } from "@grpc/grpc-js";
import { GrpcMethod } from "@nestjs/microservices";
import { from, type Observable } from "rxjs";
import type { Caller } from "../../manage/caller";
import { type Download, Messages } from "../../observe/inbound/messages";
import { messageSummaryView, messageView } from "../views/inbound-views";
import { pageView } from "../views/management-views";
import { downloadPieces } from "./download-pieces";
import { RpcStream, type RpcStreamCall } from "./rpc-call";
import { RpcCaller } from "./rpc-caller.guard";
import { RpcRequest } from "./rpc-messages";
import { RpcService } from "./rpc-service";
import { asQuestion } from "./use-case-input";

/** A reader that takes nothing for this long is given up. */
const STALLED_MS = 60_000;

/** Messages that came in: `/v1/inbound-messages` at this door. */
@RpcService()
export class GrpcInboundMessagesController {
  constructor(private readonly messages: Messages) {}

  @GrpcMethod("Inbound", "ListMessages")
  async list(@RpcCaller() caller: Caller, @RpcRequest() request: JsonObject) {
    return pageView(await this.messages.list(caller, asQuestion(request).query), messageSummaryView);
  }

  @GrpcMethod("Inbound", "GetMessage")
  async get(@RpcCaller() caller: Caller, @RpcRequest() request: JsonObject) {
    return { message: messageView(await this.messages.get(caller, asQuestion(request))) };
  }

  @GrpcMethod("Inbound", "DownloadRaw")
  async raw(
    @RpcCaller() caller: Caller,
    @RpcRequest() request: JsonObject,
    @RpcStream() call: RpcStreamCall,
  ): Promise<Observable<object>> {
    return answer(await this.messages.raw(caller, asQuestion(request)), call);
  }

  @GrpcMethod("Inbound", "DownloadAttachment")
  async attachment(
    @RpcCaller() caller: Caller,
    @RpcRequest() { n, ...request }: JsonObject,
    @RpcStream() call: RpcStreamCall,
  ): Promise<Observable<object>> {
    const download = await this.messages.attachment(caller, { ...asQuestion(request), n: String(n ?? 0) });
    return answer(download, call);
  }
}

function answer({ content }: Download, call: RpcStreamCall): Observable<object> {
  const left = new AbortController();
  call.once("cancelled", () => left.abort());
  if (call.cancelled) left.abort();
  call.sendMetadata(new Metadata());
  return from(downloadPieces(content, { to: call, left: left.signal, stalledMs: STALLED_MS }));
}
