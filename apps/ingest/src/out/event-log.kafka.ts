import { encodePublication } from "@waggle/contracts";
import type { EmailEvent } from "@waggle/domain";
import type { BatchingProducer } from "@waggle/kafka";
import { EventLog } from "../accept/ports";

/** How long a publisher waits for Kafka. Source: contract §2. */
const DEADLINE_MS = 5_000;

/** The topic `email.events`. The events of one request are one write to Kafka, so that none of them goes alone. */
export class KafkaEventLog extends EventLog {
  constructor(private readonly producer: BatchingProducer) {
    super();
  }

  append(events: readonly EmailEvent[], keyId: string): Promise<void> {
    return this.producer.send(encodePublication(events, keyId), { deadlineMs: DEADLINE_MS });
  }
}
