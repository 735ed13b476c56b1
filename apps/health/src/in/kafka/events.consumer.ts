import { Controller } from "@nestjs/common";
import { EventPattern, Payload } from "@nestjs/microservices";
import { EMAIL_EVENTS } from "@waggle/contracts";
import type { ConsumedRecord } from "@waggle/kafka";
import { eventEntry } from "../../observe/event-entry";
import { EventIntake } from "../../observe/intakes";
import { DeadLetters } from "../../observe/ports";
import { logItems } from "./log-records";
import { EVENTS_TRANSPORT } from "./log-transports";

/** `email.events` → the log: the events themselves, so that people can ask what became of them. */
@Controller()
export class EventsConsumer {
  constructor(
    private readonly intake: EventIntake,
    private readonly deadLetters: DeadLetters,
  ) {}

  @EventPattern(EMAIL_EVENTS, EVENTS_TRANSPORT)
  take(@Payload() records: readonly ConsumedRecord[]): void {
    this.intake.take(logItems(records, eventEntry, this.deadLetters));
  }
}
