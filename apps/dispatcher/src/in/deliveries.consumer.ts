import { Controller } from "@nestjs/common";
import { EventPattern, Payload } from "@nestjs/microservices";
import { DELIVERY_TOPICS } from "@waggle/contracts";
import type { ConsumedRecord } from "@waggle/kafka";
import { DeliveryIntake } from "./delivery-intake";

/** Deliveries of all topics, a batch of one partition at a time. */
@Controller()
export class DeliveriesConsumer {
  constructor(private readonly intake: DeliveryIntake) {}

  @EventPattern([...DELIVERY_TOPICS])
  take(@Payload() records: readonly ConsumedRecord[]): void {
    for (const record of records) this.intake.take(record);
  }
}
