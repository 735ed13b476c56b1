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

  /** Records that groups of waggle have not finished, in all topics they have ever committed. */
  async lag(): Promise<number> {
    const { groups } = await this.admin.listGroups();
    let lag = 0;
    for (const { groupId } of groups.filter((group) => group.groupId.startsWith("waggle-"))) {
      const committed = await this.committed(groupId);
      const topics = new Set([...committed.keys()].map((place) => place.slice(0, place.lastIndexOf("/"))));
      for (const topic of topics) {
        for (const { partition, high, low } of await this.admin.fetchTopicOffsets(topic)) {
          lag += Number(high) - Math.max(Number(low), committed.get(`${topic}/${partition}`) ?? 0);
        }
      }
    }
    return lag;
  }

  async close(): Promise<void> {
    await this.admin.disconnect();
  }
}
