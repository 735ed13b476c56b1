import {
  Body,
  Controller,
  Delete,
  Get,
  Headers,
  HttpCode,
  Param,
  Patch,
  Post,
  Query,
  UseGuards,
  UseInterceptors,
} from "@nestjs/common";
import type { Caller } from "../../manage/caller";
import { Idempotency } from "../../manage/idempotency/idempotency";
import type { Once } from "../../manage/idempotency/once";
import { type CreatedWebhook, Webhooks } from "../../manage/webhooks/webhooks";
import { createdWebhookView, pageView, webhookView } from "../views/management-views";
import { CallerGuard, CurrentCaller } from "./caller.guard";
import { EntityTags } from "./entity-tags";
import { RepeatedAnswers } from "./repeated-answers";

@Controller("v1/webhooks")
@UseGuards(CallerGuard)
@UseInterceptors(EntityTags)
export class WebhooksController {
  constructor(
    private readonly webhooks: Webhooks,
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
    const request = { key, operation: "webhooks.create", input: { query, body } };
    const work = (once?: Once<CreatedWebhook>) => this.webhooks.create(caller, { query, body, once });
    return this.idempotency.answer(caller, request, { work, view: createdWebhookView });
  }

  @Get()
  async list(@CurrentCaller() caller: Caller, @Query() query: unknown) {
    return pageView(await this.webhooks.list(caller, query), webhookView);
  }

  @Get(":id")
  async get(@CurrentCaller() caller: Caller, @Param("id") id: string, @Query() query: unknown) {
    return webhookView(await this.webhooks.get(caller, { id, query }));
  }

  @Patch(":id")
  async change(
    @CurrentCaller() caller: Caller,
    @Param("id") id: string,
    @Query() query: unknown,
    @Body() body: unknown,
    @Headers("if-match") ifMatch?: string,
  ) {
    return webhookView(await this.webhooks.change(caller, { id, query, body, ifMatch }));
  }

  @Delete(":id")
  @HttpCode(204)
  async remove(
    @CurrentCaller() caller: Caller,
    @Param("id") id: string,
    @Query() query: unknown,
    @Headers("if-match") ifMatch?: string,
  ) {
    await this.webhooks.remove(caller, { id, query, ifMatch });
  }

  @Post(":id/enable")
  @HttpCode(200)
  async enable(
    @CurrentCaller() caller: Caller,
    @Param("id") id: string,
    @Query() query: unknown,
    @Body() body: unknown,
    @Headers("if-match") ifMatch?: string,
  ) {
    return webhookView(await this.webhooks.enable(caller, { id, query, body, ifMatch }));
  }

  @Post(":id/disable")
  @HttpCode(200)
  async disable(
    @CurrentCaller() caller: Caller,
    @Param("id") id: string,
    @Query() query: unknown,
    @Body() body: unknown,
    @Headers("if-match") ifMatch?: string,
  ) {
    return webhookView(await this.webhooks.disable(caller, { id, query, body, ifMatch }));
  }

  @Get(":id/secret")
  secret(@CurrentCaller() caller: Caller, @Param("id") id: string, @Query() query: unknown) {
    return this.webhooks.secret(caller, { id, query });
  }
}
