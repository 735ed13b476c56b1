import { Controller } from "@nestjs/common";
import { EventPattern, Payload } from "@nestjs/microservices";
import { EMAIL_EVENTS } from "@waggle/contracts";
import type { ConsumedRecord } from "@waggle/kafka";
import { EventRouter } from "../route/event-router";

/** The transport of accepted events. */
export const EVENTS_TRANSPORT = Symbol("events");

/** Accepted events, a batch of one partition at a time. */
@Controller()
export class EventsConsumer {
  constructor(private readonly router: EventRouter) {}

  @EventPattern(EMAIL_EVENTS, EVENTS_TRANSPORT)
  take(@Payload() records: readonly ConsumedRecord[]): void {
    this.router.accept(records);
  }
}
