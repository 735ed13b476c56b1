import {
  Body,
  Controller,
  Delete,
  Get,
  Headers,
  HttpCode,
  Param,
  Post,
  Query,
  UseGuards,
  UseInterceptors,
} from "@nestjs/common";
import type { Caller } from "../../manage/caller";
import { Idempotency } from "../../manage/idempotency/idempotency";
import type { Once } from "../../manage/idempotency/once";
import type { ReachableAddress } from "../../manage/inbound-addresses/inbound-address";
import { InboundAddresses } from "../../manage/inbound-addresses/inbound-addresses";
import { inboundAddressView } from "../views/inbound-views";
import { pageView } from "../views/management-views";
import { CallerGuard, CurrentCaller } from "./caller.guard";
import { RepeatedAnswers } from "./repeated-answers";

@Controller("v1/inbound-addresses")
@UseGuards(CallerGuard)
export class InboundAddressesController {
  constructor(
    private readonly addresses: InboundAddresses,
    private readonly idempotency: Idempotency,
  ) {}

  @Post()
  @UseInterceptors(RepeatedAnswers)
  create(
    @CurrentCaller() caller: Caller,
    @Query() query: unknown,
    @Body() body: unknown,
    @Headers("idempotency-key") key?: string,
  ) {
    const request = { key, operation: "inbound_addresses.create", input: { query, body } };
    const work = (once?: Once<ReachableAddress>) => this.addresses.create(caller, { query, body, once });
    return this.idempotency.answer(caller, request, { work, view: inboundAddressView });
  }

  @Get()
  async list(@CurrentCaller() caller: Caller, @Query() query: unknown) {
    return pageView(await this.addresses.list(caller, query), inboundAddressView);
  }

  @Delete(":hash")
  @HttpCode(204)
  async remove(@CurrentCaller() caller: Caller, @Param("hash") hash: string, @Query() query: unknown) {
    await this.addresses.remove(caller, { hash, query });
  }
}
