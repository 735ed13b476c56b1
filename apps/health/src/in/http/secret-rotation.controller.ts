import { Body, Controller, Headers, HttpCode, Param, Post, Query, UseGuards } from "@nestjs/common";
import type { Caller } from "../../manage/caller";
import { SecretRotation } from "../../manage/secrets/secret-rotation";
import { rotatedSecretView } from "../views/management-views";
import { CallerGuard, CurrentCaller } from "./caller.guard";

@Controller("v1/webhooks")
@UseGuards(CallerGuard)
export class SecretRotationController {
  constructor(private readonly rotation: SecretRotation) {}

  @Post(":id/rotate-secret")
  @HttpCode(200)
  async rotate(
    @CurrentCaller() caller: Caller,
    @Param("id") id: string,
    @Query() query: unknown,
    @Body() body: unknown,
    @Headers("if-match") ifMatch?: string,
  ) {
    return rotatedSecretView(await this.rotation.rotate(caller, { id, query, body, ifMatch }));
  }
}
