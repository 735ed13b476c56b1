import { setTimeout as sleep } from "node:timers/promises";
import type { OnApplicationShutdown } from "@nestjs/common";
import { BatchingProducer, createKafka, DirectoryTable } from "@waggle/kafka";
import type { KafkaConnection, Service } from "@waggle/service";

/** By then nobody waits for an acknowledgement any more: every publisher has its answer. */
const DRAIN_LIMIT_MS = 5_000;

/** What ingest has open to Kafka: the producer of events and the directory it knows its API keys from. */
export class KafkaConnections implements OnApplicationShutdown {
  readonly producer: BatchingProducer;
  readonly directory: DirectoryTable;

  constructor({ name, logger, readiness }: Service, connection: KafkaConnection) {
    const kafka = createKafka({ ...connection, clientId: `waggle-${name}`, logger });
    this.producer = new BatchingProducer({ kafka, logger });
    this.directory = new DirectoryTable({ kafka, reader: name, logger, onFatal: (reason) => readiness.fail(reason) });
  }

  /** Resolves when the directory is complete and the producer connected: only then may work be taken. */
  async open(): Promise<void> {
    await Promise.all([this.producer.connect(), this.directory.start()]);
  }

  /** Nest calls this once the HTTP server has answered its last request. */
  async onApplicationShutdown(): Promise<void> {
    await Promise.race([this.producer.drain(), sleep(DRAIN_LIMIT_MS, undefined, { ref: false })]);
    await Promise.all([this.producer.disconnect(), this.directory.stop()]);
  }
}
