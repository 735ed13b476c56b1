import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, UseGuards } from "@nestjs/common";
import { Recoveries, type RecoveryStart } from "../../command/recover/recoveries";
import type { Recovery, RecoverySelection } from "../../command/recover/recovery";
import type { Caller } from "../../manage/caller";
import { CallerGuard, CurrentCaller } from "./caller.guard";

/** Recoveries of what webhooks missed. Source: contract §4. */
@Controller("v1")
@UseGuards(CallerGuard)
export class RecoveriesController {
  constructor(private readonly recoveries: Recoveries) {}

  @Post("webhooks/:id/recover")
  @HttpCode(202)
  async start(
    @CurrentCaller() caller: Caller,
    @Param("id") id: string,
    @Query() query: unknown,
    @Body() body: unknown,
  ) {
    return startView(await this.recoveries.start(caller, { id, query, body }));
  }

  @Get("recoveries/:id")
  async get(@CurrentCaller() caller: Caller, @Param("id") id: string, @Query() query: unknown) {
    return recoveryView(await this.recoveries.get(caller, { id, query }));
  }

  @Delete("recoveries/:id")
  @HttpCode(204)
  async cancel(
    @CurrentCaller() caller: Caller,
    @Param("id") id: string,
    @Query() query: unknown,
    @Body() body: unknown,
  ) {
    await this.recoveries.cancel(caller, { id, query, body });
  }
}

/** What would be recovered looks like a recovery that does not exist. */
function startView({ selection, matched, recovery }: RecoveryStart) {
  if (recovery) return recoveryView(recovery);
  return { id: null, ...selectionView(selection), dry_run: true, matched };
}

function recoveryView(recovery: Recovery) {
  return {
    id: recovery.id,
    ...selectionView(recovery),
    dry_run: false,
    status: recovery.status,
    reason: recovery.reason,
    matched: recovery.matched,
    requeued: recovery.requeued,
    unrecoverable: recovery.unrecoverable,
    created_at: instant(recovery.created_at),
    finished_at: recovery.finished_at === null ? null : instant(recovery.finished_at),
  };
}

function selectionView({ webhook_id, since, until, statuses }: RecoverySelection) {
  return { webhook_id, since: instant(since), until: instant(until), statuses };
}

function instant(ms: number): string {
  return new Date(ms).toISOString();
}
