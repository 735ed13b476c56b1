import type { JsonObject } from "@bufbuild/protobuf";
import { GrpcMethod } from "@nestjs/microservices";
import type { Caller } from "../../manage/caller";
import { Idempotency } from "../../manage/idempotency/idempotency";
import type { Once } from "../../manage/idempotency/once";
import type { Tenant } from "../../manage/tenants/tenant";
import { Tenants } from "../../manage/tenants/tenants";
import { pageView, tenantView } from "../views/management-views";
import { objectIn } from "./message-json";
import { RpcCaller } from "./rpc-caller.guard";
import { answeredAs, IdempotencyKey, RpcRequest } from "./rpc-messages";
import { RpcService } from "./rpc-service";
import { messageNamed } from "./schema";
import { asChange, asQuestion } from "./use-case-input";

const SETTINGS = messageNamed("waggle.v1.TenantSettings");

@RpcService()
export class GrpcTenantsController {
  constructor(
    private readonly tenants: Tenants,
    private readonly idempotency: Idempotency,
  ) {}

  @GrpcMethod("Tenants", "Create")
  create(@RpcCaller() caller: Caller, @RpcRequest() { tenant }: JsonObject, @IdempotencyKey() key?: string) {
    const body = objectIn(tenant);
    const query = {};
    const request = { key, operation: "tenants.create", input: { query, body } };
    const work = (once?: Once<Tenant>) => this.tenants.create(caller, { query, body, once });
    return answeredAs("tenant", this.idempotency.answer(caller, request, { work, view: tenantView }));
  }

  @GrpcMethod("Tenants", "List")
  async list(@RpcCaller() caller: Caller, @RpcRequest() request: JsonObject) {
    return pageView(await this.tenants.list(caller, asQuestion(request).query), tenantView);
  }

  @GrpcMethod("Tenants", "Get")
  async get(@RpcCaller() caller: Caller, @RpcRequest() request: JsonObject) {
    return { tenant: tenantView(await this.tenants.get(caller, asQuestion(request))) };
  }

  @GrpcMethod("Tenants", "Update")
  async update(@RpcCaller() caller: Caller, @RpcRequest() request: JsonObject) {
    return { tenant: tenantView(await this.tenants.change(caller, asChange(request, "tenant", SETTINGS))) };
  }

  @GrpcMethod("Tenants", "Delete")
  async remove(@RpcCaller() caller: Caller, @RpcRequest() request: JsonObject) {
    await this.tenants.remove(caller, asQuestion(request));
    return {};
  }
}
