import { Body, Controller, Get, HttpCode, Param, Post, Query, UseGuards } from "@nestjs/common";
import { Events } from "../../explain/events";
import type { Caller } from "../../manage/caller";
import { eventView, explanationView, previewView, timelineEntryView } from "../views/event-views";
import { pageView } from "../views/management-views";
import { CallerGuard, CurrentCaller } from "./caller.guard";

/** Questions about events. Source: contract §4. */
@Controller("v1")
@UseGuards(CallerGuard)
export class EventsController {
  constructor(private readonly events: Events) {}

  @Get("events/:id")
  async get(@CurrentCaller() caller: Caller, @Param("id") id: string, @Query() query: unknown) {
    return eventView(await this.events.get(caller, { id, query }));
  }

  @Get("events/:id/explain")
  async explain(@CurrentCaller() caller: Caller, @Param("id") id: string, @Query() query: unknown) {
    return explanationView(await this.events.explain(caller, { id, query }));
  }

  @Get("emails/:id/timeline")
  async timeline(@CurrentCaller() caller: Caller, @Param("id") id: string, @Query() query: unknown) {
    return pageView(await this.events.timeline(caller, { id, query }), timelineEntryView);
  }

  @Post("webhooks/preview")
  @HttpCode(200)
  async preview(@CurrentCaller() caller: Caller, @Query() query: unknown, @Body() body: unknown) {
    return previewView(await this.events.preview(caller, { query, body }));
  }
}
