import type { JsonObject } from "@bufbuild/protobuf";
import { GrpcMethod } from "@nestjs/microservices";
import { Events } from "../../explain/events";
import type { Caller } from "../../manage/caller";
import { eventView, explanationView, previewView, timelineEntryView } from "../views/event-views";
import { pageView } from "../views/management-views";
import { RpcCaller } from "./rpc-caller.guard";
import { RpcRequest } from "./rpc-messages";
import { RpcService } from "./rpc-service";
import { asCommand, asQuestion } from "./use-case-input";

@RpcService()
export class GrpcEventsController {
  constructor(private readonly events: Events) {}

  @GrpcMethod("Events", "Get")
  async get(@RpcCaller() caller: Caller, @RpcRequest() request: JsonObject) {
    return { event: eventView(await this.events.get(caller, asQuestion(request))) };
  }

  @GrpcMethod("Events", "Explain")
  async explain(@RpcCaller() caller: Caller, @RpcRequest() request: JsonObject) {
    return explanationView(await this.events.explain(caller, asQuestion(request)));
  }

  @GrpcMethod("Events", "GetTimeline")
  async timeline(@RpcCaller() caller: Caller, @RpcRequest() { email_id, ...request }: JsonObject) {
    const question = asQuestion({ ...request, id: email_id ?? "" });
    return pageView(await this.events.timeline(caller, question), timelineEntryView);
  }

  @GrpcMethod("Webhooks", "Preview")
  async preview(@RpcCaller() caller: Caller, @RpcRequest() request: JsonObject) {
    return previewView(await this.events.preview(caller, asCommand(request)));
  }
}
