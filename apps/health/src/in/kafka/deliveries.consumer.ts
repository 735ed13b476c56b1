import { Controller } from "@nestjs/common";
import { EventPattern, Payload } from "@nestjs/microservices";
import { decodeDelivery, WEBHOOK_DELIVERIES } from "@waggle/contracts";
import type { ConsumedRecord } from "@waggle/kafka";
import { DeliveryIntake } from "../../observe/intakes";
import { deliveryEntry } from "../../observe/log-entry";
import { DeadLetters } from "../../observe/ports";
import { logItems } from "./log-records";
import { DELIVERIES_TRANSPORT } from "./log-transports";

/** `webhook.deliveries` → the log: which deliveries there are, and their bodies. */
@Controller()
export class DeliveriesConsumer {
  constructor(
    private readonly intake: DeliveryIntake,
    private readonly deadLetters: DeadLetters,
  ) {}

  @EventPattern(WEBHOOK_DELIVERIES, DELIVERIES_TRANSPORT)
  take(@Payload() records: readonly ConsumedRecord[]): void {
    this.intake.take(logItems(records, (record) => deliveryEntry(decodeDelivery(record)), this.deadLetters));
  }
}
