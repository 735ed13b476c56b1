import { setTimeout as sleep } from "node:timers/promises";
import { WaggleError } from "@waggle/domain";
import { BatchingProducer, createKafka } from "@waggle/kafka";
import { Database, runMigrations } from "@waggle/postgres";
import type { KafkaConnection, Service } from "@waggle/service";

const RETRY_MS = 1_000;
/** What Kafka has not acknowledged by then stays in the outbox, or is read from its topic again. */
const DRAIN_LIMIT_MS = 5_000;

/** What health has open: PostgreSQL for what people manage and ask, and Kafka. */
export class HealthConnections {
  readonly kafka: ReturnType<typeof createKafka>;
  readonly producer: BatchingProducer;
  readonly database: Database;

  constructor(
    private readonly service: Service,
    private readonly to: { readonly kafka: KafkaConnection; readonly databaseUrl: string },
  ) {
    const { name, logger } = service;
    this.kafka = createKafka({ ...to.kafka, clientId: `waggle-${name}`, logger });
    this.producer = new BatchingProducer({ kafka: this.kafka, logger });
    this.database = new Database({ url: to.databaseUrl, logger });
  }

  /** Resolves when the schema is up to date and Kafka answers, however long that takes. */
  async open(): Promise<void> {
    await Promise.all([this.migrate(), this.producer.connect()]);
  }

  async close(): Promise<void> {
    await Promise.race([this.producer.drain(), sleep(DRAIN_LIMIT_MS, undefined, { ref: false })]);
    await Promise.all([this.producer.disconnect(), this.database.close()]);
  }

  private async migrate(): Promise<void> {
    const { logger, readiness } = this.service;
    const schema = readiness.require("schema");
    for (;;) {
      try {
        await runMigrations({ url: this.to.databaseUrl, logger });
        return schema.ready();
      } catch (error) {
        if (!(error instanceof WaggleError && error.code === "database_unavailable")) throw error;
        schema.notReady("the database cannot be reached");
        logger.warn({ err: error }, "database.unavailable");
        await sleep(RETRY_MS);
      }
    }
  }
}
