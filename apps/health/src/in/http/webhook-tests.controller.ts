import { Body, Controller, Param, Post, Query, Res, UseGuards } from "@nestjs/common";
import type { FastifyReply } from "fastify";
import { WebhookTests } from "../../command/webhook-tests";
import type { Caller } from "../../manage/caller";
import { deliveryDetailView } from "../views/log-view";
import { CallerGuard, CurrentCaller } from "./caller.guard";

/** `POST /v1/webhooks/{id}/test`: 200 with the result, 202 when there is none yet. Source: contract §4. */
@Controller("v1/webhooks")
@UseGuards(CallerGuard)
export class WebhookTestsController {
  constructor(private readonly tests: WebhookTests) {}

  @Post(":id/test")
  async send(
    @CurrentCaller() caller: Caller,
    @Param("id") id: string,
    @Query() query: unknown,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const delivery = await this.tests.send(caller, { id, query, body });
    reply.status(delivery.status === "pending" ? 202 : 200);
    return deliveryDetailView(delivery);
  }
}
