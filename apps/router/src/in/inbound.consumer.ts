import { Controller } from "@nestjs/common";
import { EventPattern, Payload } from "@nestjs/microservices";
import { EMAIL_INBOUND } from "@waggle/contracts";
import type { ConsumedRecord } from "@waggle/kafka";
import { InboundRouter } from "../route/inbound-router";

/** The transport of accepted mail: a group of its own, so that mail and events never wait for one another. */
export const INBOUND_TRANSPORT = Symbol("inbound");

/** Accepted mail, a batch of one partition at a time. */
@Controller()
export class InboundConsumer {
  constructor(private readonly router: InboundRouter) {}

  @EventPattern(EMAIL_INBOUND, INBOUND_TRANSPORT)
  take(@Payload() records: readonly ConsumedRecord[]): void {
    this.router.accept(records);
  }
}
