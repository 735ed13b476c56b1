import { Controller, Get, Param, Query, UseGuards } from "@nestjs/common";
import type { Caller } from "../../manage/caller";
import { Deliveries } from "../../observe/deliveries";
import { deliveryDetailView, deliveryView } from "../views/log-view";
import { pageView } from "../views/management-views";
import { CallerGuard, CurrentCaller } from "./caller.guard";

/** The delivery log. Source: contract §4. */
@Controller("v1/deliveries")
@UseGuards(CallerGuard)
export class LogController {
  constructor(private readonly deliveries: Deliveries) {}

  @Get()
  async list(@CurrentCaller() caller: Caller, @Query() query: unknown) {
    return pageView(await this.deliveries.list(caller, query), deliveryView);
  }

  @Get(":id")
  async get(@CurrentCaller() caller: Caller, @Param("id") id: string, @Query() query: unknown) {
    return deliveryDetailView(await this.deliveries.get(caller, { id, query }));
  }
}
