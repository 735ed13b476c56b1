import { setTimeout as sleep } from "node:timers/promises";
import type { WireRecord } from "@waggle/contracts";
import { BatchingProducer, type BatchingProducerOptions } from "@waggle/kafka";
import { OutputLog } from "../route/ports";

/** By then what is not written is left to the next process. */
const DRAIN_LIMIT_MS = 10_000;

/**
 * Where deliveries of mail go: over a producer of their own, because requests of one producer follow one another, and
 * events would wait behind bodies of megabytes.
 */
export class InboundOutputLog extends OutputLog {
  private readonly producer: BatchingProducer;

  constructor(kafka: BatchingProducerOptions["kafka"], logger: BatchingProducerOptions["logger"]) {
    super();
    this.producer = new BatchingProducer({ kafka, logger });
  }

  open(): Promise<void> {
    return this.producer.connect();
  }

  write(records: readonly WireRecord[]): Promise<void> {
    return this.producer.send(records);
  }

  /** Nest calls it by the hook's name once the consumers have left their groups. */
  async onApplicationShutdown(): Promise<void> {
    await Promise.race([this.producer.drain(), sleep(DRAIN_LIMIT_MS, undefined, { ref: false })]);
    await this.producer.disconnect();
  }
}
