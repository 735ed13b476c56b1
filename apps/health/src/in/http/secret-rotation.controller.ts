import { Body, Controller, Headers, HttpCode, Param, Post, Query, UseGuards, UseInterceptors } from "@nestjs/common";
import type { Caller } from "../../manage/caller";
import { Idempotency } from "../../manage/idempotency/idempotency";
import type { Once } from "../../manage/idempotency/once";
import { type RotatedSecret, SecretRotation } from "../../manage/secrets/secret-rotation";
import { rotatedSecretView } from "../views/management-views";
import { CallerGuard, CurrentCaller } from "./caller.guard";
import { RepeatedAnswers } from "./repeated-answers";

@Controller("v1/webhooks")
@UseGuards(CallerGuard)
export class SecretRotationController {
  constructor(
    private readonly rotation: SecretRotation,
    private readonly idempotency: Idempotency,
  ) {}

  @Post(":id/rotate-secret")
  @HttpCode(200)
  @UseInterceptors(RepeatedAnswers)
  rotate(
    @CurrentCaller() caller: Caller,
    @Param("id") id: string,
    @Query() query: unknown,
    @Body() body: unknown,
    @Headers("if-match") ifMatch?: string,
    @Headers("idempotency-key") key?: string,
  ) {
    const input = { id, query, body, ifMatch };
    const request = { key, operation: "webhooks.rotate_secret", input };
    const work = (once?: Once<RotatedSecret>) => this.rotation.rotate(caller, { ...input, once });
    return this.idempotency.answer(caller, request, { work, view: rotatedSecretView });
  }
}
