import { Controller, Get, Param, Query, Res, UseGuards } from "@nestjs/common";
import type { FastifyReply } from "fastify";
import type { Caller } from "../../manage/caller";
import { Messages } from "../../observe/inbound/messages";
import { messageSummaryView, messageView } from "../views/inbound-views";
import { pageView } from "../views/management-views";
import { CallerGuard, CurrentCaller } from "./caller.guard";
import { sendDownload } from "./download";

/** Messages that came in. Source: contract §4. */
@Controller("v1/inbound-messages")
@UseGuards(CallerGuard)
export class InboundMessagesController {
  constructor(private readonly messages: Messages) {}

  @Get()
  async list(@CurrentCaller() caller: Caller, @Query() query: unknown) {
    return pageView(await this.messages.list(caller, query), messageSummaryView);
  }

  @Get(":id")
  async get(@CurrentCaller() caller: Caller, @Param("id") id: string, @Query() query: unknown) {
    return messageView(await this.messages.get(caller, { id, query }));
  }

  @Get(":id/raw")
  async raw(
    @CurrentCaller() caller: Caller,
    @Param("id") id: string,
    @Query() query: unknown,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await sendDownload(reply, await this.messages.raw(caller, { id, query }));
  }

  @Get(":id/attachments/:n")
  async attachment(
    @CurrentCaller() caller: Caller,
    @Param() { id, n }: { readonly id: string; readonly n: string },
    @Query() query: unknown,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await sendDownload(reply, await this.messages.attachment(caller, { id, n, query }));
  }
}
