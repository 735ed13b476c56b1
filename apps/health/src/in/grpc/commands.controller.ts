import type { JsonObject } from "@bufbuild/protobuf";
import { GrpcMethod } from "@nestjs/microservices";
import { Recoveries } from "../../command/recover/recoveries";
import { Requeues } from "../../command/requeues";
import { WebhookTests } from "../../command/webhook-tests";
import type { Caller } from "../../manage/caller";
import { deliveryDetailView, deliveryView } from "../views/log-view";
import { recoveryStartView, recoveryView } from "../views/recovery-view";
import { RpcCaller } from "./rpc-caller.guard";
import { RpcRequest } from "./rpc-messages";
import { RpcService } from "./rpc-service";
import { asCommand, asQuestion } from "./use-case-input";

/** What sends deliveries: again, or for a try. */
@RpcService()
export class GrpcCommandsController {
  constructor(
    private readonly requeues: Requeues,
    private readonly tests: WebhookTests,
    private readonly recoveries: Recoveries,
  ) {}

  @GrpcMethod("Deliveries", "Requeue")
  async requeue(@RpcCaller() caller: Caller, @RpcRequest() request: JsonObject) {
    return { delivery: deliveryView(await this.requeues.requeue(caller, asCommand(request))) };
  }

  @GrpcMethod("Webhooks", "Test")
  async test(@RpcCaller() caller: Caller, @RpcRequest() request: JsonObject) {
    const input = asCommand(request, ["tenant_id", "wait"]);
    return { delivery: deliveryDetailView(await this.tests.send(caller, input)) };
  }

  @GrpcMethod("Webhooks", "Recover")
  async recover(@RpcCaller() caller: Caller, @RpcRequest() request: JsonObject) {
    return { recovery: recoveryStartView(await this.recoveries.start(caller, asCommand(request))) };
  }

  @GrpcMethod("Webhooks", "GetRecovery")
  async getRecovery(@RpcCaller() caller: Caller, @RpcRequest() request: JsonObject) {
    return { recovery: recoveryView(await this.recoveries.get(caller, asQuestion(request))) };
  }

  @GrpcMethod("Webhooks", "CancelRecovery")
  async cancelRecovery(@RpcCaller() caller: Caller, @RpcRequest() request: JsonObject) {
    await this.recoveries.cancel(caller, asCommand(request));
    return {};
  }
}
