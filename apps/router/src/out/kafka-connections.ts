import type { OnApplicationShutdown } from "@nestjs/common";
import { BatchingProducer, createKafka, DirectoryTable } from "@waggle/kafka";
import type { KafkaConnection, Service } from "@waggle/service";

/** What the router has open to Kafka beside its consumer: the producer of its outputs and the directory. */
export class KafkaConnections implements OnApplicationShutdown {
  readonly kafka: ReturnType<typeof createKafka>;
  readonly producer: BatchingProducer;
  readonly directory: DirectoryTable;

  constructor({ name, logger, readiness }: Service, connection: KafkaConnection) {
    this.kafka = createKafka({ ...connection, clientId: `waggle-${name}`, logger });
    this.producer = new BatchingProducer({ kafka: this.kafka, logger });
    this.directory = new DirectoryTable({
      kafka: this.kafka,
      reader: name,
      logger,
      onFatal: (reason) => readiness.fail(reason),
    });
  }

  /** Resolves when the directory is complete and the producer connected: only then may work be taken. */
  async open(): Promise<void> {
    await Promise.all([this.producer.connect(), this.directory.start()]);
  }

  /** Nest calls this once the consumer has left its group: what was begun is written by then. */
  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.producer.disconnect(), this.directory.stop()]);
  }
}
