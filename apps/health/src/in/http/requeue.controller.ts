import { Body, Controller, HttpCode, Param, Post, Query, UseGuards } from "@nestjs/common";
import { Requeues } from "../../command/requeues";
import type { Caller } from "../../manage/caller";
import { deliveryView } from "../views/log-view";
import { CallerGuard, CurrentCaller } from "./caller.guard";

/** `POST /v1/deliveries/{id}/requeue`. Source: contract §4. */
@Controller("v1/deliveries")
@UseGuards(CallerGuard)
export class RequeueController {
  constructor(private readonly requeues: Requeues) {}

  @Post(":id/requeue")
  @HttpCode(202)
  async requeue(
    @CurrentCaller() caller: Caller,
    @Param("id") id: string,
    @Query() query: unknown,
    @Body() body: unknown,
  ) {
    return deliveryView(await this.requeues.requeue(caller, { id, query, body }));
  }
}
