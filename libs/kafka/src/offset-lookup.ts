import type { Admin, Kafka } from "kafkajs";

/**
 * Asks where topics and groups stand, for as long as a process lives. After a question that failed the next one goes
 * out over new connections: kafkajs goes on to ask where it was once connected, though nothing answers there any more,
 * and for five minutes those it remembers as leaders.
 */
export class OffsetLookup implements Pick<Admin, "fetchOffsets" | "fetchTopicOffsets"> {
  private admin: Admin | null = null;
  private closed = false;

  constructor(private readonly kafka: Pick<Kafka, "admin">) {}

  /** Connects ahead of the first question. Rejects when Kafka does not answer. */
  connect(): Promise<void> {
    return this.ask(async () => undefined);
  }

  /** What a group has committed in topics. Rejects when Kafka does not answer. */
  fetchOffsets(options: Parameters<Admin["fetchOffsets"]>[0]): ReturnType<Admin["fetchOffsets"]> {
    return this.ask((admin) => admin.fetchOffsets(options));
  }

  /** Where the partitions of a topic begin and end. Rejects when Kafka does not answer. */
  fetchTopicOffsets(topic: string): ReturnType<Admin["fetchTopicOffsets"]> {
    return this.ask((admin) => admin.fetchTopicOffsets(topic));
  }

  /** Nothing can be asked any more. */
  async disconnect(): Promise<void> {
    this.closed = true;
    await this.admin?.disconnect();
  }

  private async ask<Answer>(question: (admin: Admin) => Promise<Answer>): Promise<Answer> {
    if (this.closed) throw new Error("the lookup of offsets is closed");
    const admin = this.admin ?? this.kafka.admin();
    this.admin = admin;
    try {
      await admin.connect();
      return await question(admin);
    } catch (error) {
      if (this.admin === admin) this.admin = null;
      // Waits for whatever else is being asked there.
      admin.disconnect().catch(() => undefined);
      throw error;
    }
  }
}
