import {
  type DirectoryRecord,
  decodeDirectoryRecord,
  encodeDirectoryRecord,
  WEBHOOK_DIRECTORY,
} from "@waggle/contracts";
import { eventually, TopicTail } from "@waggle/testing";
import type { PrivateKafka } from "./private-kafka";

/** Every record that ever was in the directory topic, in the order written. */
export class DirectoryLog {
  private constructor(
    private readonly kafka: PrivateKafka,
    private readonly tail: TopicTail,
  ) {}

  static async open(kafka: PrivateKafka): Promise<DirectoryLog> {
    return new DirectoryLog(kafka, await TopicTail.open(kafka.client, [WEBHOOK_DIRECTORY]));
  }

  get records(): DirectoryRecord[] {
    return this.tail.records.map(decodeDirectoryRecord);
  }

  /** What was written about one thing; null: its tombstone. */
  entries(key: string): DirectoryRecord["entry"][] {
    return this.records.filter(({ kind, id }) => `${kind}/${id}` === key).map(({ entry }) => entry);
  }

  /** The last entry of a thing, once it is as wanted. */
  until(
    key: string,
    wanted: (entry: DirectoryRecord["entry"]) => boolean,
  ): Promise<NonNullable<DirectoryRecord["entry"]>> {
    return eventually(
      key,
      () => {
        const last = this.entries(key).at(-1);
        return last && wanted(last) && last;
      },
      20_000,
    );
  }

  /** Writes what a process that lost its place could write late. */
  async write(record: DirectoryRecord): Promise<void> {
    const producer = this.kafka.client.producer();
    await producer.connect();
    const { topic, key, value } = encodeDirectoryRecord(record);
    await producer.send({ topic, messages: [{ key, value }] });
    await producer.disconnect();
  }

  async close(): Promise<void> {
    await this.tail.close();
  }
}
