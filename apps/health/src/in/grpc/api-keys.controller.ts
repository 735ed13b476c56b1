import type { JsonObject } from "@bufbuild/protobuf";
import { GrpcMethod } from "@nestjs/microservices";
import { ApiKeys } from "../../manage/api-keys/api-keys";
import type { Caller } from "../../manage/caller";
import { apiKeyView, pageView } from "../views/management-views";
import { RpcCaller } from "./rpc-caller.guard";
import { RpcRequest } from "./rpc-messages";
import { RpcService } from "./rpc-service";
import { asCommand, asQuestion } from "./use-case-input";

@RpcService()
export class GrpcApiKeysController {
  constructor(private readonly apiKeys: ApiKeys) {}

  @GrpcMethod("Tenants", "CreateApiKey")
  async create(@RpcCaller() caller: Caller, @RpcRequest() request: JsonObject) {
    const { api_key, key } = await this.apiKeys.create(caller, asCommand(request));
    return { api_key: apiKeyView(api_key), key };
  }

  @GrpcMethod("Tenants", "ListApiKeys")
  async list(@RpcCaller() caller: Caller, @RpcRequest() request: JsonObject) {
    return pageView(await this.apiKeys.list(caller, asQuestion(request).query), apiKeyView);
  }

  @GrpcMethod("Tenants", "DeleteApiKey")
  async remove(@RpcCaller() caller: Caller, @RpcRequest() request: JsonObject) {
    await this.apiKeys.remove(caller, asQuestion(request));
    return {};
  }
}
