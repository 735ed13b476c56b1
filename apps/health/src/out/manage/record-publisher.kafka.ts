import type { WireRecord } from "@waggle/contracts";
import type { BatchingProducer } from "@waggle/kafka";
import { RecordPublisher } from "../../manage/ports";

/** How long one acknowledgement is waited for before the relay looks whether it still is its turn. */
const DEADLINE_MS = 10_000;

export class KafkaRecordPublisher extends RecordPublisher {
  constructor(private readonly producer: BatchingProducer) {
    super();
  }

  publish(records: readonly WireRecord[]): Promise<void> {
    return this.producer.send(records, { deadlineMs: DEADLINE_MS });
  }
}
