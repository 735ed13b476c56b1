import { encodeAttempt, encodeDelivery, type WireRecord } from "@waggle/contracts";
import type { BatchingProducer } from "@waggle/kafka";
import { DeliveryLog } from "../deliver/ports";

/** Attempts and retry tiers. What came of one delivery is written in one request, and retried until Kafka has it. */
export class KafkaDeliveryLog extends DeliveryLog {
  constructor(private readonly producer: BatchingProducer) {
    super();
  }

  write({ attempt, next }: Parameters<DeliveryLog["write"]>[0]): Promise<void> {
    const records: WireRecord[] = [];
    if (attempt) records.push(encodeAttempt(attempt));
    if (next) records.push(encodeDelivery(next.delivery, next));
    return this.producer.send(records);
  }
}
