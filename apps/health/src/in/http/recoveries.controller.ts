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
import { Recoveries, type RecoveryStart } from "../../command/recover/recoveries";
import type { Caller } from "../../manage/caller";
import { Idempotency } from "../../manage/idempotency/idempotency";
import type { Once } from "../../manage/idempotency/once";
import { recoveryStartView, recoveryView } from "../views/recovery-view";
import { CallerGuard, CurrentCaller } from "./caller.guard";
import { RepeatedAnswers } from "./repeated-answers";

/** Recoveries of what webhooks missed. Source: contract §4. */
@Controller("v1")
@UseGuards(CallerGuard)
export class RecoveriesController {
  constructor(
    private readonly recoveries: Recoveries,
    private readonly idempotency: Idempotency,
  ) {}

  @Post("webhooks/:id/recover")
  @HttpCode(202)
  @UseInterceptors(RepeatedAnswers)
  start(
    @CurrentCaller() caller: Caller,
    @Param("id") id: string,
    @Query() query: unknown,
    @Body() body: unknown,
    @Headers("idempotency-key") key?: string,
  ) {
    const request = { key, operation: "webhooks.recover", input: { id, query, body } };
    const work = (once?: Once<RecoveryStart>) => this.recoveries.start(caller, { id, query, body, once });
    return this.idempotency.answer(caller, request, { work, view: recoveryStartView });
  }

  @Get("recoveries/:id")
  async get(@CurrentCaller() caller: Caller, @Param("id") id: string, @Query() query: unknown) {
    return recoveryView(await this.recoveries.get(caller, { id, query }));
  }

  @Delete("recoveries/:id")
  @HttpCode(204)
  async cancel(
    @CurrentCaller() caller: Caller,
    @Param("id") id: string,
    @Query() query: unknown,
    @Body() body: unknown,
  ) {
    await this.recoveries.cancel(caller, { id, query, body });
  }
}
