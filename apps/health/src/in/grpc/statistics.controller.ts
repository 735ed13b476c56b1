import type { JsonObject } from "@bufbuild/protobuf";
import { GrpcMethod } from "@nestjs/microservices";
import type { Caller } from "../../manage/caller";
import { Statistics } from "../../observe/statistics/statistics";
import { pageView } from "../views/management-views";
import { webhookAttemptView, webhookHealthView } from "../views/statistics-view";
import { RpcCaller } from "./rpc-caller.guard";
import { RpcRequest } from "./rpc-messages";
import { RpcService } from "./rpc-service";
import { asQuestion } from "./use-case-input";

@RpcService()
export class GrpcStatisticsController {
  constructor(private readonly statistics: Statistics) {}

  @GrpcMethod("Webhooks", "GetHealth")
  async health(@RpcCaller() caller: Caller, @RpcRequest() request: JsonObject) {
    const { success_rate, ...health } = webhookHealthView(await this.statistics.health(caller, asQuestion(request)));
    // A map of a message has no null.
    const rates = Object.entries(success_rate).filter(([, rate]) => rate !== null);
    return { health: { ...health, success_rate: Object.fromEntries(rates) } };
  }

  @GrpcMethod("Webhooks", "ListAttempts")
  async attempts(@RpcCaller() caller: Caller, @RpcRequest() request: JsonObject) {
    return pageView(await this.statistics.attempts(caller, asQuestion(request)), webhookAttemptView);
  }
}
