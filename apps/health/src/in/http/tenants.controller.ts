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
import type { Tenant } from "../../manage/tenants/tenant";
import { Tenants } from "../../manage/tenants/tenants";
import { pageView, tenantView } from "../views/management-views";
import { CallerGuard, CurrentCaller } from "./caller.guard";
import { RepeatedAnswers } from "./repeated-answers";

@Controller("v1/tenants")
@UseGuards(CallerGuard)
export class TenantsController {
  constructor(
    private readonly tenants: Tenants,
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
    const request = { key, operation: "tenants.create", input: { query, body } };
    const work = (once?: Once<Tenant>) => this.tenants.create(caller, { query, body, once });
    return this.idempotency.answer(caller, request, { work, view: tenantView });
  }

  @Get()
  async list(@CurrentCaller() caller: Caller, @Query() query: unknown) {
    return pageView(await this.tenants.list(caller, query), tenantView);
  }

  @Get(":id")
  async get(@CurrentCaller() caller: Caller, @Param("id") id: string, @Query() query: unknown) {
    return tenantView(await this.tenants.get(caller, { id, query }));
  }

  @Patch(":id")
  async change(
    @CurrentCaller() caller: Caller,
    @Param("id") id: string,
    @Query() query: unknown,
    @Body() body: unknown,
  ) {
    return tenantView(await this.tenants.change(caller, { id, query, body }));
  }

  @Delete(":id")
  @HttpCode(204)
  async remove(@CurrentCaller() caller: Caller, @Param("id") id: string, @Query() query: unknown) {
    await this.tenants.remove(caller, { id, query });
  }
}
