import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, UseGuards } from "@nestjs/common";
import { ApiKeys } from "../../manage/api-keys/api-keys";
import type { Caller } from "../../manage/caller";
import { apiKeyView, pageView } from "../views/management-views";
import { CallerGuard, CurrentCaller } from "./caller.guard";

@Controller("v1/api-keys")
@UseGuards(CallerGuard)
export class ApiKeysController {
  constructor(private readonly apiKeys: ApiKeys) {}

  @Post()
  async create(@CurrentCaller() caller: Caller, @Query() query: unknown, @Body() body: unknown) {
    const { api_key, key } = await this.apiKeys.create(caller, { query, body });
    return { ...apiKeyView(api_key), key };
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
