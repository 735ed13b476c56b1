import { type Admin, Kafka, logLevel } from "kafkajs";

/** Where the consumer groups of a stack stand, by what the broker has and not by what the apps say. */
export class ConsumerGroups {
  private constructor(private readonly admin: Admin) {}

  static async open(brokers: string): Promise<ConsumerGroups> {
    const admin = new Kafka({ brokers: brokers.split(","), logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    return new ConsumerGroups(admin);
  }

  /** The next offset of a group in every partition it has committed, by `topic/partition`. */
  async committed(groupId: string): Promise<ReadonlyMap<string, number>> {
    const topics = await this.admin.fetchOffsets({ groupId });
    return new Map(
      topics.flatMap(({ topic, partitions }) =>
        partitions.map(({ partition, offset }) => [`${topic}/${partition}`, Number(offset)] as const),
      ),
    );
  }

  /** How many records groups of waggle have not finished, by `group topic/partition`, in all topics they have ever committed. */
  async behind(): Promise<ReadonlyMap<string, number>> {
    const { groups } = await this.admin.listGroups();
    const behind = new Map<string, number>();
    for (const { groupId } of groups.filter((group) => group.groupId.startsWith("waggle-"))) {
      const committed = await this.committed(groupId);
      const topics = new Set([...committed.keys()].map((place) => place.slice(0, place.lastIndexOf("/"))));
      for (const topic of topics) {
        for (const { partition, high, low } of await this.admin.fetchTopicOffsets(topic)) {
          const place = `${topic}/${partition}`;
          const lag = Number(high) - Math.max(Number(low), committed.get(place) ?? 0);
          if (lag > 0) behind.set(`${groupId} ${place}`, lag);
        }
      }
    }
    return behind;
  }

  async close(): Promise<void> {
    await this.admin.disconnect();
  }
}
