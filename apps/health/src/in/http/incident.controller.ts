import { Body, Controller, Get, HttpCode, Post, Query, UseGuards } from "@nestjs/common";
import { Incidents } from "../../judge/incidents/incidents";
import type { Caller } from "../../manage/caller";
import { incidentView } from "../views/incident-view";
import { CallerGuard, CurrentCaller } from "./caller.guard";

/** The incident that keeps webhooks from being disabled. Source: contract §4. */
@Controller("v1/incident")
@UseGuards(CallerGuard)
export class IncidentController {
  constructor(private readonly incidents: Incidents) {}

  @Get()
  async latest(@CurrentCaller() caller: Caller, @Query() query: unknown) {
    return incidentView(await this.incidents.latest(caller, { query }));
  }

  @Post("close")
  @HttpCode(200)
  async close(@CurrentCaller() caller: Caller, @Query() query: unknown, @Body() body: unknown) {
    return incidentView(await this.incidents.close(caller, { query, body }));
  }
}
