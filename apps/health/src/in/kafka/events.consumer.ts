import { Controller } from "@nestjs/common";
import { EventPattern, Payload } from "@nestjs/microservices";
import { EMAIL_EVENTS } from "@waggle/contracts";
import type { ConsumedRecord } from "@waggle/kafka";
import { KeyUses } from "../../manage/api-keys/key-uses";
import { eventEntry } from "../../observe/event-entry";
import { EventIntake } from "../../observe/intakes";
import { DeadLetters } from "../../observe/ports";
import { logItems } from "./log-records";
import { EVENTS_TRANSPORT } from "./log-transports";
import { notePublishingKeys } from "./published-with";

/**
 * `email.events` → the log: the events themselves, so that people can ask what became of them; and when API keys were
 * used for publishing.
 */
@Controller()
export class EventsConsumer {
  constructor(
    private readonly intake: EventIntake,
    private readonly deadLetters: DeadLetters,
    private readonly keyUses: KeyUses,
  ) {}

  @EventPattern(EMAIL_EVENTS, EVENTS_TRANSPORT)
  take(@Payload() records: readonly ConsumedRecord[]): void {
    const items = logItems(records, eventEntry, this.deadLetters);
    notePublishingKeys(items, this.keyUses, ({ identity }) => identity.accepted_at);
    this.intake.take(items);
  }
}
