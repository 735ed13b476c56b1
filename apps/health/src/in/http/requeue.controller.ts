import { Body, Controller, Headers, HttpCode, Param, Post, Query, UseGuards, UseInterceptors } from "@nestjs/common";
import { Requeues } from "../../command/requeues";
import type { Caller } from "../../manage/caller";
import { Idempotency } from "../../manage/idempotency/idempotency";
import type { Once } from "../../manage/idempotency/once";
import type { LoggedDelivery } from "../../observe/logged-delivery";
import { deliveryView } from "../views/log-view";
import { CallerGuard, CurrentCaller } from "./caller.guard";
import { RepeatedAnswers } from "./repeated-answers";

/** `POST /v1/deliveries/{id}/requeue`. Source: contract §4. */
@Controller("v1/deliveries")
@UseGuards(CallerGuard)
export class RequeueController {
  constructor(
    private readonly requeues: Requeues,
    private readonly idempotency: Idempotency,
  ) {}

  @Post(":id/requeue")
  @HttpCode(202)
  @UseInterceptors(RepeatedAnswers)
  requeue(
    @CurrentCaller() caller: Caller,
    @Param("id") id: string,
    @Query() query: unknown,
    @Body() body: unknown,
    @Headers("idempotency-key") key?: string,
  ) {
    const request = { key, operation: "deliveries.requeue", input: { id, query, body } };
    const work = (once?: Once<LoggedDelivery>) => this.requeues.requeue(caller, { id, query, body, once });
    return this.idempotency.answer(caller, request, { work, view: deliveryView });
  }
}
