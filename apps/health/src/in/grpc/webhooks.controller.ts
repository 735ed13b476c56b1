import type { JsonObject } from "@bufbuild/protobuf";
import { GrpcMethod } from "@nestjs/microservices";
import type { Caller } from "../../manage/caller";
import { WebhookHistory } from "../../manage/webhooks/webhook-history";
import { Webhooks } from "../../manage/webhooks/webhooks";
import { historyView, pageView, webhookView } from "../views/management-views";
import { objectIn } from "./message-json";
import { RpcCaller } from "./rpc-caller.guard";
import { RpcRequest } from "./rpc-messages";
import { RpcService } from "./rpc-service";
import { messageNamed } from "./schema";
import { asChange, asCommand, asQuestion } from "./use-case-input";

const SETTINGS = messageNamed("waggle.v1.WebhookSettings");

@RpcService()
export class GrpcWebhooksController {
  constructor(
    private readonly webhooks: Webhooks,
    private readonly history: WebhookHistory,
  ) {}

  @GrpcMethod("Webhooks", "Create")
  async create(@RpcCaller() caller: Caller, @RpcRequest() { webhook: settings, ...request }: JsonObject) {
    const input = asCommand({ ...objectIn(settings), ...request });
    const { webhook, secret } = await this.webhooks.create(caller, input);
    return { webhook: webhookView(webhook), secret };
  }

  @GrpcMethod("Webhooks", "List")
  async list(@RpcCaller() caller: Caller, @RpcRequest() request: JsonObject) {
    return pageView(await this.webhooks.list(caller, asQuestion(request).query), webhookView);
  }

  @GrpcMethod("Webhooks", "Get")
  async get(@RpcCaller() caller: Caller, @RpcRequest() request: JsonObject) {
    return { webhook: webhookView(await this.webhooks.get(caller, asQuestion(request))) };
  }

  @GrpcMethod("Webhooks", "Update")
  async update(@RpcCaller() caller: Caller, @RpcRequest() request: JsonObject) {
    const input = asChange(request, "webhook", SETTINGS);
    return { webhook: webhookView(await this.webhooks.change(caller, input)) };
  }

  @GrpcMethod("Webhooks", "Delete")
  async remove(@RpcCaller() caller: Caller, @RpcRequest() request: JsonObject) {
    await this.webhooks.remove(caller, asQuestion(request));
    return {};
  }

  @GrpcMethod("Webhooks", "Enable")
  async enable(@RpcCaller() caller: Caller, @RpcRequest() request: JsonObject) {
    return { webhook: webhookView(await this.webhooks.enable(caller, asCommand(request))) };
  }

  @GrpcMethod("Webhooks", "Disable")
  async disable(@RpcCaller() caller: Caller, @RpcRequest() request: JsonObject) {
    return { webhook: webhookView(await this.webhooks.disable(caller, asCommand(request))) };
  }

  @GrpcMethod("Webhooks", "GetSecret")
  secret(@RpcCaller() caller: Caller, @RpcRequest() request: JsonObject) {
    return this.webhooks.secret(caller, asQuestion(request));
  }

  @GrpcMethod("Webhooks", "ListHistory")
  async listHistory(@RpcCaller() caller: Caller, @RpcRequest() request: JsonObject) {
    return pageView(await this.history.list(caller, asQuestion(request)), historyView);
  }
}
