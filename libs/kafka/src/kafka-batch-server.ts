import { type CustomTransportStrategy, Server } from "@nestjs/microservices";
import type { ConsumedRecord } from "./consumed-record";
import { WatermarkConsumer, type WatermarkConsumerOptions } from "./watermark-consumer";

/** Everything of the consumer that the strategy does not decide itself. */
export type KafkaBatchServerOptions = Omit<WatermarkConsumerOptions, "onRecords" | "topics"> & {
  /** Waits for what is in work when the app stops; by default until nothing is out. */
  readonly drained?: () => Promise<void>;
};

/**
 * A Nest transport whose handlers get batches: `@EventPattern("<topic>")` methods receive the `ConsumedRecord[]` that
 * one fetch brought for one partition, must take them over without waiting for I/O, and call `done()` on each.
 * (Nest's own Kafka transport awaits one message at a time and renames consumer groups.)
 */
export class KafkaBatchServer extends Server implements CustomTransportStrategy {
  private consumer: WatermarkConsumer | null = null;

  constructor(private readonly options: KafkaBatchServerOptions) {
    super();
  }

  async listen(callback: (error?: unknown) => void): Promise<void> {
    const topics = [...this.messageHandlers.keys()];
    this.consumer = new WatermarkConsumer({
      ...this.options,
      topics,
      onRecords: (records) => this.dispatch(records),
    });
    try {
      await this.consumer.start();
      callback();
    } catch (error) {
      callback(error);
    }
  }

  async close(): Promise<void> {
    await this.consumer?.stop(this.options.drained);
  }

  /** Nest's hooks for a transport's own events; this one has none. */
  on(): never {
    throw new Error("the Kafka batch transport has no events");
  }

  unwrap<T>(): T {
    // Nest's signature lets the caller name the type of what is wrapped.
    return this.consumer as T;
  }

  private dispatch(records: readonly ConsumedRecord[]): void {
    const topic = records[0]?.topic ?? "";
    const handler = this.messageHandlers.get(topic);
    if (!handler) return;
    // A handler that throws has lost its records: their offsets would never be committed, so the process starts anew.
    handler(records, undefined).then(
      (result) => this.transformToObservable(result).subscribe({ error: (error) => this.failed(topic, error) }),
      (error: unknown) => this.failed(topic, error),
    );
  }

  private failed(topic: string, error: unknown): void {
    this.options.logger.error({ err: error, topic }, "consumer.handler_failed");
    this.options.onFatal(`the handler of ${topic} failed`);
  }
}
