import type { JsonObject } from "@bufbuild/protobuf";
import { GrpcMethod } from "@nestjs/microservices";
import type { Caller } from "../../manage/caller";
import { SecretRotation } from "../../manage/secrets/secret-rotation";
import { Webhooks } from "../../manage/webhooks/webhooks";
import { rotatedSecretView } from "../views/management-views";
import { RpcCaller } from "./rpc-caller.guard";
import { RpcRequest } from "./rpc-messages";
import { RpcService } from "./rpc-service";
import { asCommand, asQuestion, headerIn } from "./use-case-input";

@RpcService()
export class GrpcSecretsController {
  constructor(
    private readonly webhooks: Webhooks,
    private readonly rotation: SecretRotation,
  ) {}

  @GrpcMethod("Webhooks", "GetSecret")
  get(@RpcCaller() caller: Caller, @RpcRequest() request: JsonObject) {
    return this.webhooks.secret(caller, asQuestion(request));
  }

  @GrpcMethod("Webhooks", "RotateSecret")
  async rotate(@RpcCaller() caller: Caller, @RpcRequest() { etag, ...request }: JsonObject) {
    const input = { ...asCommand(request), ifMatch: headerIn(etag) };
    return rotatedSecretView(await this.rotation.rotate(caller, input));
  }
}
