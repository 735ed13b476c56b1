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
import { ApiKeys, type CreatedApiKey } from "../../manage/api-keys/api-keys";
import type { Caller } from "../../manage/caller";
import { Idempotency } from "../../manage/idempotency/idempotency";
import type { Once } from "../../manage/idempotency/once";
import { apiKeyView, createdApiKeyView, pageView } from "../views/management-views";
import { CallerGuard, CurrentCaller } from "./caller.guard";
import { RepeatedAnswers } from "./repeated-answers";

@Controller("v1/api-keys")
@UseGuards(CallerGuard)
export class ApiKeysController {
  constructor(
    private readonly apiKeys: ApiKeys,
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
    const request = { key, operation: "api_keys.create", input: { query, body } };
    const work = (once?: Once<CreatedApiKey>) => this.apiKeys.create(caller, { query, body, once });
    return this.idempotency.answer(caller, request, { work, view: createdApiKeyView });
  }

  @Get()
  async list(@CurrentCaller() caller: Caller, @Query() query: unknown) {
    return pageView(await this.apiKeys.list(caller, query), apiKeyView);
  }

  @Get(":id")
  async get(@CurrentCaller() caller: Caller, @Param("id") id: string, @Query() query: unknown) {
    return apiKeyView(await this.apiKeys.get(caller, { id, query }));
  }

  @Delete(":id")
  @HttpCode(204)
  async remove(@CurrentCaller() caller: Caller, @Param("id") id: string, @Query() query: unknown) {
    await this.apiKeys.remove(caller, { id, query });
  }
}
