import { Controller } from "@nestjs/common";
import { EventPattern, Payload } from "@nestjs/microservices";
import { EMAIL_INBOUND } from "@waggle/contracts";
import type { ConsumedRecord } from "@waggle/kafka";
import { MailArchive } from "../../observe/inbound/mail-archive";
import { acceptedMail } from "../../observe/inbound/message-entry";
import { DeadLetters } from "../../observe/ports";
import { logItems } from "./log-records";
import { INBOUND_TRANSPORT } from "./log-transports";

/** `email.inbound` → blobs and the log: the messages that came in. */
@Controller()
export class InboundConsumer {
  constructor(
    private readonly archive: MailArchive,
    private readonly deadLetters: DeadLetters,
  ) {}

  @EventPattern(EMAIL_INBOUND, INBOUND_TRANSPORT)
  take(@Payload() records: readonly ConsumedRecord[]): void {
    this.archive.take(logItems(records, acceptedMail, this.deadLetters));
  }
}
