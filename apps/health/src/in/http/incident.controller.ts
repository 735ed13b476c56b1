import { Body, Controller, Get, HttpCode, Post, UseGuards } from "@nestjs/common";
import { Incidents } from "../../judge/incidents/incidents";
import type { Incident } from "../../judge/incidents/ports";
import type { Caller } from "../../manage/caller";
import { CallerGuard, CurrentCaller } from "./caller.guard";

/** The incident that keeps webhooks from being disabled. Source: contract §4. */
@Controller("v1/incident")
@UseGuards(CallerGuard)
export class IncidentController {
  constructor(private readonly incidents: Incidents) {}

  @Get()
  async latest(@CurrentCaller() caller: Caller) {
    return incidentView(await this.incidents.latest(caller));
  }

  @Post("close")
  @HttpCode(200)
  async close(@CurrentCaller() caller: Caller, @Body() body: unknown) {
    return incidentView(await this.incidents.close(caller, body));
  }
}

function incidentView(incident: Incident | null) {
  if (incident === null) return { open: false, incident: null };
  const { opened_at, began_at, closed_at, ...rest } = incident;
  return {
    open: closed_at === null,
    incident: {
      ...rest,
      began_at: new Date(began_at).toISOString(),
      opened_at: new Date(opened_at).toISOString(),
      closed_at: closed_at === null ? null : new Date(closed_at).toISOString(),
    },
  };
}
