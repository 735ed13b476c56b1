import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, UseGuards } from "@nestjs/common";
import type { Caller } from "../../manage/caller";
import { Tenants } from "../../manage/tenants/tenants";
import { pageView, tenantView } from "../views/management-views";
import { CallerGuard, CurrentCaller } from "./caller.guard";

@Controller("v1/tenants")
@UseGuards(CallerGuard)
export class TenantsController {
  constructor(private readonly tenants: Tenants) {}

  @Post()
  async create(@CurrentCaller() caller: Caller, @Body() body: unknown) {
    return tenantView(await this.tenants.create(caller, body));
  }

  @Get()
  async list(@CurrentCaller() caller: Caller, @Query() query: unknown) {
    return pageView(await this.tenants.list(caller, query), tenantView);
  }

  @Get(":id")
  async get(@CurrentCaller() caller: Caller, @Param("id") id: string) {
    return tenantView(await this.tenants.get(caller, id));
  }

  @Patch(":id")
  async change(@CurrentCaller() caller: Caller, @Param("id") id: string, @Body() body: unknown) {
    return tenantView(await this.tenants.change(caller, id, body));
  }

  @Delete(":id")
  @HttpCode(204)
  async remove(@CurrentCaller() caller: Caller, @Param("id") id: string) {
    await this.tenants.remove(caller, id);
  }
}
