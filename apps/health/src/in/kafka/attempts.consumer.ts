import { Controller } from "@nestjs/common";
import { EventPattern, Payload } from "@nestjs/microservices";
import { decodeAttempt, WEBHOOK_ATTEMPTS } from "@waggle/contracts";
import type { ConsumedRecord } from "@waggle/kafka";
import { AttemptIntake } from "../../observe/intakes";
import { attemptEntry } from "../../observe/log-entry";
import { DeadLetters } from "../../observe/ports";
import { logItems } from "./log-records";
import { ATTEMPTS_TRANSPORT } from "./log-transports";

/** `webhook.attempts` → the log: what came of deliveries. */
@Controller()
export class AttemptsConsumer {
  constructor(
    private readonly intake: AttemptIntake,
    private readonly deadLetters: DeadLetters,
  ) {}

  @EventPattern(WEBHOOK_ATTEMPTS, ATTEMPTS_TRANSPORT)
  take(@Payload() records: readonly ConsumedRecord[]): void {
    this.intake.take(logItems(records, (record) => attemptEntry(decodeAttempt(record)), this.deadLetters));
  }
}
