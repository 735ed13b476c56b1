import type { JsonObject } from "@bufbuild/protobuf";
import { GrpcMethod } from "@nestjs/microservices";
import type { Caller } from "../../manage/caller";
import { Tenants } from "../../manage/tenants/tenants";
import { pageView, tenantView } from "../views/management-views";
import { objectIn } from "./message-json";
import { RpcCaller } from "./rpc-caller.guard";
import { RpcRequest } from "./rpc-messages";
import { RpcService } from "./rpc-service";
import { messageNamed } from "./schema";
import { asChange, asQuestion } from "./use-case-input";

const SETTINGS = messageNamed("waggle.v1.TenantSettings");

@RpcService()
export class GrpcTenantsController {
  constructor(private readonly tenants: Tenants) {}

  @GrpcMethod("Tenants", "Create")
  async create(@RpcCaller() caller: Caller, @RpcRequest() { tenant }: JsonObject) {
    return { tenant: tenantView(await this.tenants.create(caller, objectIn(tenant))) };
  }

  @GrpcMethod("Tenants", "List")
  async list(@RpcCaller() caller: Caller, @RpcRequest() request: JsonObject) {
    return pageView(await this.tenants.list(caller, asQuestion(request).query), tenantView);
  }

  @GrpcMethod("Tenants", "Get")
  async get(@RpcCaller() caller: Caller, @RpcRequest() request: JsonObject) {
    return { tenant: tenantView(await this.tenants.get(caller, asQuestion(request).id)) };
  }

  @GrpcMethod("Tenants", "Update")
  async update(@RpcCaller() caller: Caller, @RpcRequest() request: JsonObject) {
    const { id, body } = asChange(request, "tenant", SETTINGS);
    return { tenant: tenantView(await this.tenants.change(caller, id, body)) };
  }

  @GrpcMethod("Tenants", "Delete")
  async remove(@RpcCaller() caller: Caller, @RpcRequest() request: JsonObject) {
    await this.tenants.remove(caller, asQuestion(request).id);
    return {};
  }
}
