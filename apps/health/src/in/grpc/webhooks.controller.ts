import type { JsonObject } from "@bufbuild/protobuf";
import { GrpcMethod } from "@nestjs/microservices";
import type { Caller } from "../../manage/caller";
import { Answered, Idempotency } from "../../manage/idempotency/idempotency";
import type { Once } from "../../manage/idempotency/once";
import { type CreatedWebhook, Webhooks } from "../../manage/webhooks/webhooks";
import { createdWebhookView, pageView, webhookView } from "../views/management-views";
import { objectIn } from "./message-json";
import { RpcCaller } from "./rpc-caller.guard";
import { IdempotencyKey, RpcRequest } from "./rpc-messages";
import { RpcService } from "./rpc-service";
import { messageNamed } from "./schema";
import { asChange, asCommand, asQuestion, headerIn } from "./use-case-input";

const SETTINGS = messageNamed("waggle.v1.WebhookSettings");

@RpcService()
export class GrpcWebhooksController {
  constructor(
    private readonly webhooks: Webhooks,
    private readonly idempotency: Idempotency,
  ) {}

  @GrpcMethod("Webhooks", "Create")
  async create(
    @RpcCaller() caller: Caller,
    @RpcRequest() { webhook: settings, ...message }: JsonObject,
    @IdempotencyKey() key?: string,
  ) {
    const { query, body } = asCommand({ ...objectIn(settings), ...message });
    const request = { key, operation: "webhooks.create", input: { query, body } };
    const work = (once?: Once<CreatedWebhook>) => this.webhooks.create(caller, { query, body, once });
    const { view, replayed } = await this.idempotency.answer(caller, request, { work, view: createdWebhookView });
    const { secret, ...webhook } = view;
    return new Answered({ webhook, secret }, replayed);
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
  async update(@RpcCaller() caller: Caller, @RpcRequest() { etag, ...request }: JsonObject) {
    const input = { ...asChange(request, "webhook", SETTINGS), ifMatch: headerIn(etag) };
    return { webhook: webhookView(await this.webhooks.change(caller, input)) };
  }

  @GrpcMethod("Webhooks", "Delete")
  async remove(@RpcCaller() caller: Caller, @RpcRequest() { etag, ...request }: JsonObject) {
    await this.webhooks.remove(caller, { ...asQuestion(request), ifMatch: headerIn(etag) });
    return {};
  }

  @GrpcMethod("Webhooks", "Enable")
  async enable(@RpcCaller() caller: Caller, @RpcRequest() { etag, ...request }: JsonObject) {
    const input = { ...asCommand(request), ifMatch: headerIn(etag) };
    return { webhook: webhookView(await this.webhooks.enable(caller, input)) };
  }

  @GrpcMethod("Webhooks", "Disable")
  async disable(@RpcCaller() caller: Caller, @RpcRequest() { etag, ...request }: JsonObject) {
    const input = { ...asCommand(request), ifMatch: headerIn(etag) };
    return { webhook: webhookView(await this.webhooks.disable(caller, input)) };
  }
}
