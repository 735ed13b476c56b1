import { Controller, Get, Param, Query, UseGuards } from "@nestjs/common";
import type { Caller } from "../../manage/caller";
import { WebhookHistory } from "../../manage/webhooks/webhook-history";
import { historyView, pageView } from "../views/management-views";
import { CallerGuard, CurrentCaller } from "./caller.guard";

@Controller("v1/webhooks")
@UseGuards(CallerGuard)
export class WebhookHistoryController {
  constructor(private readonly history: WebhookHistory) {}

  @Get(":id/history")
  async list(@CurrentCaller() caller: Caller, @Param("id") id: string, @Query() query: unknown) {
    return pageView(await this.history.list(caller, { id, query }), historyView);
  }
}
