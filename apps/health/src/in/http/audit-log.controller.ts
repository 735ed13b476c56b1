import { Controller, Get, Query, UseGuards } from "@nestjs/common";
import { AuditLog } from "../../manage/audit/audit-log";
import type { Caller } from "../../manage/caller";
import { auditEntryView } from "../views/audit-view";
import { pageView } from "../views/management-views";
import { CallerGuard, CurrentCaller } from "./caller.guard";

/** Who changed what. Source: contract §4. */
@Controller("v1/audit-log")
@UseGuards(CallerGuard)
export class AuditLogController {
  constructor(private readonly auditLog: AuditLog) {}

  @Get()
  async list(@CurrentCaller() caller: Caller, @Query() query: unknown) {
    return pageView(await this.auditLog.list(caller, query), auditEntryView);
  }
}
