import {
  CompressionTypes,
  type ICustomPartitioner,
  type Kafka,
  type Message,
  type Producer,
  type TopicMessages,
} from "kafkajs";
import { keyPartitioner } from "./key-partitioner";

/**
 * One kafkajs producer under one producer id, whose acknowledgements can be believed: until a send is rejected. Then
 * it is to be closed and replaced, because kafkajs rolls back the sequence numbers of records that may have been
 * written, and a later batch under the same producer id would be acknowledged without being stored.
 */
export class CheckedProducer {
  private readonly producer: Producer;
  /** The partitions that the records of the present send fell on, `<topic>/<partition>`. */
  private readonly expected = new Set<string>();
  /** A record keeps its partition when kafkajs tries again, also one without a key. */
  private readonly partitions = new WeakMap<Message, number>();

  private constructor(kafka: Kafka) {
    this.producer = kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner: () => this.partitioner(),
      retry: { initialRetryTime: 50, maxRetryTime: 500, retries: 3 },
    });
  }

  static async connect(kafka: Kafka): Promise<CheckedProducer> {
    const checked = new CheckedProducer(kafka);
    try {
      await checked.producer.connect();
      return checked;
    } catch (error) {
      await checked.close();
      throw error;
    }
  }

  /**
   * Resolves when all in-sync replicas have every record.
   * @throws Error also when kafkajs says so without having sent all: a partition whose leader moved, between two of its
   * tries, to a broker that had answered the first is passed over, as is one that the topic does not have
   */
  async send(topicMessages: TopicMessages[]): Promise<void> {
    this.expected.clear();
    const answers = await this.producer.sendBatch({ acks: -1, compression: CompressionTypes.None, topicMessages });
    for (const { topicName, partition } of answers) this.expected.delete(`${topicName}/${partition}`);
    if (this.expected.size > 0) throw new Error(`not sent to ${[...this.expected].join(", ")}`);
  }

  /** Says goodbye; a frozen broker never answers it, so nobody should wait for long. */
  async close(): Promise<void> {
    await this.producer.disconnect().catch(() => undefined);
  }

  private partitioner(): ReturnType<ICustomPartitioner> {
    const choose = keyPartitioner();
    return (candidate) => {
      const partition = this.partitions.get(candidate.message) ?? choose(candidate);
      this.partitions.set(candidate.message, partition);
      this.expected.add(`${candidate.topic}/${partition}`);
      return partition;
    };
  }
}
