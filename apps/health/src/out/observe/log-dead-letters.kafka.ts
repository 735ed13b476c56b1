import { type DecodeError, encodeDeadLetter, type ReceivedRecord } from "@waggle/contracts";
import { WaggleError } from "@waggle/domain";
import type { BatchingProducer, KafkaLogger } from "@waggle/kafka";
import type { Counter } from "prom-client";
import { DeadLetters } from "../../observe/ports";

/** Dead letters in their topic. */
export class KafkaDeadLetters extends DeadLetters {
  constructor(
    private readonly producer: Pick<BatchingProducer, "send">,
    private readonly logger: KafkaLogger,
    /** `waggle_dead_letters_total` */
    private readonly counter: Pick<Counter<"reason">, "inc">,
  ) {
    super();
  }

  async put(record: ReceivedRecord, error: DecodeError): Promise<void> {
    const { topic, partition, offset } = record;
    const place = { topic, partition, offset, reason: error.code, field: error.field };
    try {
      await this.producer.send([encodeDeadLetter(record, error)]);
      this.logger.warn(place, "record.dead_lettered");
    } catch (failure) {
      if (!(failure instanceof WaggleError) || failure.code !== "record_too_large") throw failure;
      // With the headers that say where it came from it is larger than its topic allows; it stays where it was.
      this.logger.error(place, "record.dead_letter_too_large");
    }
    this.counter.inc({ reason: error.code });
  }
}
