import type { JsonObject } from "@bufbuild/protobuf";
import { GrpcMethod } from "@nestjs/microservices";
import type { Caller } from "../../manage/caller";
import { Idempotency } from "../../manage/idempotency/idempotency";
import type { Once } from "../../manage/idempotency/once";
import { type RotatedSecret, SecretRotation } from "../../manage/secrets/secret-rotation";
import { Webhooks } from "../../manage/webhooks/webhooks";
import { rotatedSecretView } from "../views/management-views";
import { RpcCaller } from "./rpc-caller.guard";
import { IdempotencyKey, RpcRequest } from "./rpc-messages";
import { RpcService } from "./rpc-service";
import { asCommand, asQuestion, headerIn } from "./use-case-input";

@RpcService()
export class GrpcSecretsController {
  constructor(
    private readonly webhooks: Webhooks,
    private readonly rotation: SecretRotation,
    private readonly idempotency: Idempotency,
  ) {}

  @GrpcMethod("Webhooks", "GetSecret")
  get(@RpcCaller() caller: Caller, @RpcRequest() request: JsonObject) {
    return this.webhooks.secret(caller, asQuestion(request));
  }

  @GrpcMethod("Webhooks", "RotateSecret")
  rotate(@RpcCaller() caller: Caller, @RpcRequest() { etag, ...message }: JsonObject, @IdempotencyKey() key?: string) {
    const input = { ...asCommand(message), ifMatch: headerIn(etag) };
    const request = { key, operation: "webhooks.rotate_secret", input };
    const work = (once?: Once<RotatedSecret>) => this.rotation.rotate(caller, { ...input, once });
    return this.idempotency.answer(caller, request, { work, view: rotatedSecretView });
  }
}
