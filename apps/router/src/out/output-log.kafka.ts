import type { WireRecord } from "@waggle/contracts";
import type { BatchingProducer } from "@waggle/kafka";
import { OutputLog } from "../route/ports";

/** The delivery, attempt and dead-letter topics. Without a deadline: a record waits until Kafka takes its outputs. */
export class KafkaOutputLog extends OutputLog {
  constructor(private readonly producer: BatchingProducer) {
    super();
  }

  write(records: readonly WireRecord[]): Promise<void> {
    return this.producer.send(records);
  }
}
