import { Controller, Get, Param, Query, UseGuards } from "@nestjs/common";
import type { Caller } from "../../manage/caller";
import { Statistics } from "../../observe/statistics/statistics";
import { pageView } from "../views/management-views";
import { webhookAttemptView, webhookHealthView } from "../views/statistics-view";
import { CallerGuard, CurrentCaller } from "./caller.guard";

/** How a webhook is doing. Source: contract §4. */
@Controller("v1/webhooks/:id")
@UseGuards(CallerGuard)
export class StatisticsController {
  constructor(private readonly statistics: Statistics) {}

  @Get("health")
  async health(@CurrentCaller() caller: Caller, @Param("id") id: string, @Query() query: unknown) {
    return webhookHealthView(await this.statistics.health(caller, { id, query }));
  }

  @Get("attempts")
  async attempts(@CurrentCaller() caller: Caller, @Param("id") id: string, @Query() query: unknown) {
    return pageView(await this.statistics.attempts(caller, { id, query }), webhookAttemptView);
  }
}
