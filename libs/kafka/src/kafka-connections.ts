import type { Kafka } from "kafkajs";
import type { Registry } from "prom-client";
import { BatchingProducer, type BatchingProducerOptions } from "./batching-producer";
import { createKafka, type KafkaLogger, type KafkaOptions } from "./connection";
import { registerDirectoryMetrics } from "./consumer-metrics";
import { DirectoryTable } from "./directory-table";

export interface KafkaConnectionsOptions extends Pick<KafkaOptions, "brokers" | "ssl" | "sasl"> {
  /** Which app connects. */
  readonly app: string;
  readonly logger: KafkaLogger;
  readonly metrics: Registry;
  readonly onFatal: (reason: string) => void;
  /** How often the producer makes requests, and whether what it is given may wait for more. */
  readonly produce?: Pick<BatchingProducerOptions, "every" | "linger">;
}

/** By then whoever waited for an acknowledgement has given up; what is begun is done again by the next process. */
const DRAIN_LIMIT_MS = 10_000;

/**
 * What an app of the data plane has open to Kafka beside its consumer: the producer of its outputs and the directory.
 * Nest closes it by the hook's name once the consumers have left their groups.
 */
export class KafkaConnections {
  readonly kafka: Kafka;
  readonly producer: BatchingProducer;
  readonly directory: DirectoryTable;
  private readonly logger: KafkaLogger;
  private readonly producers: BatchingProducer[] = [];

  constructor({ app, logger, metrics, onFatal, produce, ...connection }: KafkaConnectionsOptions) {
    this.kafka = createKafka({ ...connection, clientId: `waggle-${app}`, logger });
    this.logger = logger;
    this.producer = this.addProducer(produce);
    this.directory = new DirectoryTable({ kafka: this.kafka, reader: app, logger, onFatal });
    registerDirectoryMetrics(metrics, this.directory);
  }

  /**
   * One more producer, for records that those of `producer` must not wait behind: a producer makes one request at a
   * time. Opened and closed with the rest, so to be added before `open`.
   */
  addProducer(options: Omit<BatchingProducerOptions, "kafka" | "logger"> = {}): BatchingProducer {
    const producer = new BatchingProducer({ kafka: this.kafka, logger: this.logger, ...options });
    this.producers.push(producer);
    return producer;
  }

  /** Resolves when the directory is complete and the producers connected: only then may work be taken. */
  async open(): Promise<void> {
    await Promise.all([this.directory.start(), ...this.producers.map((producer) => producer.connect())]);
  }

  async onApplicationShutdown(): Promise<void> {
    let limit: NodeJS.Timeout | undefined;
    const cutOff = new Promise<void>((resolve) => {
      limit = setTimeout(resolve, DRAIN_LIMIT_MS);
    });
    await Promise.race([Promise.all(this.producers.map((producer) => producer.drain())), cutOff]);
    clearTimeout(limit);
    await Promise.all([this.directory.stop(), ...this.producers.map((producer) => producer.disconnect())]);
  }
}
