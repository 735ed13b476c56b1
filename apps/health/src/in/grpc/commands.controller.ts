import type { JsonObject } from "@bufbuild/protobuf";
import { GrpcMethod } from "@nestjs/microservices";
import { Recoveries, type RecoveryStart } from "../../command/recover/recoveries";
import { Requeues } from "../../command/requeues";
import { WebhookTests } from "../../command/webhook-tests";
import type { Caller } from "../../manage/caller";
import { Idempotency } from "../../manage/idempotency/idempotency";
import type { Once } from "../../manage/idempotency/once";
import type { LoggedDelivery } from "../../observe/logged-delivery";
import { deliveryDetailView, deliveryView } from "../views/log-view";
import { recoveryStartView, recoveryView } from "../views/recovery-view";
import { RpcCaller } from "./rpc-caller.guard";
import { answeredAs, IdempotencyKey, RpcRequest } from "./rpc-messages";
import { RpcService } from "./rpc-service";
import { asCommand, asQuestion } from "./use-case-input";

/** What sends deliveries: again, or for a try. */
@RpcService()
export class GrpcCommandsController {
  constructor(
    private readonly requeues: Requeues,
    private readonly tests: WebhookTests,
    private readonly recoveries: Recoveries,
    private readonly idempotency: Idempotency,
  ) {}

  @GrpcMethod("Deliveries", "Requeue")
  requeue(@RpcCaller() caller: Caller, @RpcRequest() message: JsonObject, @IdempotencyKey() key?: string) {
    const input = asCommand(message);
    const request = { key, operation: "deliveries.requeue", input };
    const work = (once?: Once<LoggedDelivery>) => this.requeues.requeue(caller, { ...input, once });
    return answeredAs("delivery", this.idempotency.answer(caller, request, { work, view: deliveryView }));
  }

  @GrpcMethod("Webhooks", "Test")
  async test(@RpcCaller() caller: Caller, @RpcRequest() request: JsonObject) {
    const input = asCommand(request, ["tenant_id", "wait"]);
    return { delivery: deliveryDetailView(await this.tests.send(caller, input)) };
  }

  @GrpcMethod("Webhooks", "Recover")
  recover(@RpcCaller() caller: Caller, @RpcRequest() message: JsonObject, @IdempotencyKey() key?: string) {
    const input = asCommand(message);
    const request = { key, operation: "webhooks.recover", input };
    const work = (once?: Once<RecoveryStart>) => this.recoveries.start(caller, { ...input, once });
    return answeredAs("recovery", this.idempotency.answer(caller, request, { work, view: recoveryStartView }));
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
