import type { TopicSpec } from "@waggle/contracts";
import { type Admin, ConfigResourceTypes, type Kafka } from "kafkajs";

/** What an existing cluster has otherwise than waggle needs it, one sentence per topic. */
export class TopicMismatchError extends Error {
  override readonly name = "TopicMismatchError";

  constructor(readonly differences: readonly string[]) {
    super(`topics differ from what waggle needs:\n${differences.map((line) => `  ${line}`).join("\n")}`);
  }
}

/**
 * Creates the topics that are missing and checks those that exist. Several processes may do so at once.
 * @throws TopicMismatchError when an existing topic has another number of partitions or another cleanup policy
 */
export async function ensureTopics(kafka: Kafka, topics: readonly TopicSpec[], replication: number): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const existing = new Set(await admin.listTopics());
    const missing = topics.filter(({ name }) => !existing.has(name));
    if (missing.length > 0) await create(admin, missing, replication);
    const differences = await compare(admin, topics);
    if (differences.length > 0) throw new TopicMismatchError(differences);
  } finally {
    await admin.disconnect();
  }
}

async function create(admin: Admin, topics: readonly TopicSpec[], replication: number): Promise<void> {
  // False when another process created one of them first, which the comparison that follows looks at.
  await admin.createTopics({
    waitForLeaders: true,
    topics: topics.map((topic) => ({
      topic: topic.name,
      numPartitions: topic.partitions,
      replicationFactor: replication,
      configEntries: [
        { name: "cleanup.policy", value: topic.cleanup },
        {
          name: topic.cleanup === "compact" ? "delete.retention.ms" : "retention.ms",
          value: String(topic.retentionMs),
        },
        { name: "max.message.bytes", value: String(topic.maxMessageBytes) },
        { name: "min.insync.replicas", value: String(Math.min(2, replication)) },
      ],
    })),
  });
}

async function compare(admin: Admin, topics: readonly TopicSpec[]): Promise<string[]> {
  const { topics: metadata } = await admin.fetchTopicMetadata({ topics: topics.map(({ name }) => name) });
  const partitions = new Map(metadata.map(({ name, partitions: list }) => [name, list.length]));
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: topics.map(({ name }) => ({
      type: ConfigResourceTypes.TOPIC,
      name,
      configNames: ["cleanup.policy", "max.message.bytes"],
    })),
  });
  const configs = new Map(
    resources.map(({ resourceName, configEntries }) => [
      resourceName,
      new Map(configEntries.map(({ configName, configValue }) => [configName, configValue])),
    ]),
  );
  return topics.flatMap(({ name, partitions: wanted, cleanup, maxMessageBytes }) => {
    const has = partitions.get(name) ?? 0;
    const config = configs.get(name);
    const largest = Number(config?.get("max.message.bytes") ?? 0);
    return [
      ...(has === wanted ? [] : [`${name} has ${has} partitions, not ${wanted}`]),
      ...(config?.get("cleanup.policy") === cleanup ? [] : [`${name} is not cleaned up by "${cleanup}"`]),
      ...(largest >= maxMessageBytes ? [] : [`${name} takes ${largest} bytes a batch, not ${maxMessageBytes}`]),
    ];
  });
}
