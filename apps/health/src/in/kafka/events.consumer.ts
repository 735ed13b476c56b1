import { Controller } from "@nestjs/common";
import { EventPattern, Payload } from "@nestjs/microservices";
import { EMAIL_EVENTS, publishingKey } from "@waggle/contracts";
import type { ConsumedRecord } from "@waggle/kafka";
import { KeyUses } from "../../manage/api-keys/key-uses";
import { eventEntry } from "../../observe/event-entry";
import { EventIntake } from "../../observe/intakes";
import { DeadLetters } from "../../observe/ports";
import { logItems } from "./log-records";
import { EVENTS_TRANSPORT } from "./log-transports";

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
    for (const { record, entry } of items) {
      const keyId = publishingKey(record);
      if (keyId !== null) this.keyUses.note(keyId, entry.identity.accepted_at);
    }
    this.intake.take(items);
  }
}
