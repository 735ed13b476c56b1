import type { JsonObject } from "@bufbuild/protobuf";
import { GrpcMethod } from "@nestjs/microservices";
import type { Caller } from "../../manage/caller";
import { Deliveries } from "../../observe/deliveries";
import { deliveryDetailView, deliveryView } from "../views/log-view";
import { pageView } from "../views/management-views";
import { RpcCaller } from "./rpc-caller.guard";
import { RpcRequest } from "./rpc-messages";
import { RpcService } from "./rpc-service";
import { asQuestion } from "./use-case-input";

@RpcService()
export class GrpcDeliveriesController {
  constructor(private readonly deliveries: Deliveries) {}

  @GrpcMethod("Deliveries", "List")
  async list(@RpcCaller() caller: Caller, @RpcRequest() request: JsonObject) {
    return pageView(await this.deliveries.list(caller, asQuestion(request).query), deliveryView);
  }

  @GrpcMethod("Deliveries", "Get")
  async get(@RpcCaller() caller: Caller, @RpcRequest() request: JsonObject) {
    return { delivery: deliveryDetailView(await this.deliveries.get(caller, asQuestion(request))) };
  }
}
