import type { JsonObject } from "@bufbuild/protobuf";
import { GrpcMethod } from "@nestjs/microservices";
import type { Caller } from "../../manage/caller";
import { Idempotency } from "../../manage/idempotency/idempotency";
import type { Once } from "../../manage/idempotency/once";
import type { ReachableAddress } from "../../manage/inbound-addresses/inbound-address";
import { InboundAddresses } from "../../manage/inbound-addresses/inbound-addresses";
import { inboundAddressView } from "../views/inbound-views";
import { pageView } from "../views/management-views";
import { RpcCaller } from "./rpc-caller.guard";
import { answeredAs, IdempotencyKey, RpcRequest } from "./rpc-messages";
import { RpcService } from "./rpc-service";
import { asCommand, asQuestion } from "./use-case-input";

@RpcService()
export class GrpcInboundAddressesController {
  constructor(
    private readonly addresses: InboundAddresses,
    private readonly idempotency: Idempotency,
  ) {}

  @GrpcMethod("Inbound", "CreateAddress")
  create(@RpcCaller() caller: Caller, @RpcRequest() message: JsonObject, @IdempotencyKey() key?: string) {
    const { query, body } = asCommand(message);
    const request = { key, operation: "inbound_addresses.create", input: { query, body } };
    const work = (once?: Once<ReachableAddress>) => this.addresses.create(caller, { query, body, once });
    return answeredAs("address", this.idempotency.answer(caller, request, { work, view: inboundAddressView }));
  }

  @GrpcMethod("Inbound", "ListAddresses")
  async list(@RpcCaller() caller: Caller, @RpcRequest() request: JsonObject) {
    return pageView(await this.addresses.list(caller, asQuestion(request).query), inboundAddressView);
  }

  @GrpcMethod("Inbound", "DeleteAddress")
  async remove(@RpcCaller() caller: Caller, @RpcRequest() { hash, ...request }: JsonObject) {
    const { id, query } = asQuestion({ ...request, id: hash ?? "" });
    await this.addresses.remove(caller, { hash: id, query });
    return {};
  }
}
