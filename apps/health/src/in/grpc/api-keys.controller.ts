import type { JsonObject } from "@bufbuild/protobuf";
import { GrpcMethod } from "@nestjs/microservices";
import { ApiKeys, type CreatedApiKey } from "../../manage/api-keys/api-keys";
import type { Caller } from "../../manage/caller";
import { Answered, Idempotency } from "../../manage/idempotency/idempotency";
import type { Once } from "../../manage/idempotency/once";
import { apiKeyView, createdApiKeyView, pageView } from "../views/management-views";
import { RpcCaller } from "./rpc-caller.guard";
import { IdempotencyKey, RpcRequest } from "./rpc-messages";
import { RpcService } from "./rpc-service";
import { asCommand, asQuestion } from "./use-case-input";

@RpcService()
export class GrpcApiKeysController {
  constructor(
    private readonly apiKeys: ApiKeys,
    private readonly idempotency: Idempotency,
  ) {}

  @GrpcMethod("Tenants", "CreateApiKey")
  async create(
    @RpcCaller() caller: Caller,
    @RpcRequest() message: JsonObject,
    @IdempotencyKey() idempotencyKey?: string,
  ) {
    const { query, body } = asCommand(message);
    const request = { key: idempotencyKey, operation: "api_keys.create", input: { query, body } };
    const work = (once?: Once<CreatedApiKey>) => this.apiKeys.create(caller, { query, body, once });
    const { view, replayed } = await this.idempotency.answer(caller, request, { work, view: createdApiKeyView });
    const { key, ...apiKey } = view;
    return new Answered({ api_key: apiKey, key }, replayed);
  }

  @GrpcMethod("Tenants", "ListApiKeys")
  async list(@RpcCaller() caller: Caller, @RpcRequest() request: JsonObject) {
    return pageView(await this.apiKeys.list(caller, asQuestion(request).query), apiKeyView);
  }

  @GrpcMethod("Tenants", "GetApiKey")
  async get(@RpcCaller() caller: Caller, @RpcRequest() request: JsonObject) {
    return { api_key: apiKeyView(await this.apiKeys.get(caller, asQuestion(request))) };
  }

  @GrpcMethod("Tenants", "DeleteApiKey")
  async remove(@RpcCaller() caller: Caller, @RpcRequest() request: JsonObject) {
    await this.apiKeys.remove(caller, asQuestion(request));
    return {};
  }
}
