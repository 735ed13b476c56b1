import { Controller } from "@nestjs/common";
import { EventPattern, Payload } from "@nestjs/microservices";
import { EMAIL_INBOUND } from "@waggle/contracts";
import type { ConsumedRecord } from "@waggle/kafka";
import { KeyUses } from "../../manage/api-keys/key-uses";
import { MailArchive } from "../../observe/inbound/mail-archive";
import { acceptedMail } from "../../observe/inbound/message-entry";
import { DeadLetters } from "../../observe/ports";
import { logItems } from "./log-records";
import { INBOUND_TRANSPORT } from "./log-transports";
import { notePublishingKeys } from "./published-with";

/** `email.inbound` → blobs and the log: the messages that came in; and when API keys were used for handing them in. */
@Controller()
export class InboundConsumer {
  constructor(
    private readonly archive: MailArchive,
    private readonly deadLetters: DeadLetters,
    private readonly keyUses: KeyUses,
  ) {}

  @EventPattern(EMAIL_INBOUND, INBOUND_TRANSPORT)
  take(@Payload() records: readonly ConsumedRecord[]): void {
    const items = logItems(records, acceptedMail, this.deadLetters);
    notePublishingKeys(items, this.keyUses, ({ accepted_at }) => accepted_at);
    this.archive.take(items);
  }
}
