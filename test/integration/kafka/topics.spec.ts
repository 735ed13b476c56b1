import type { TopicSpec } from "@waggle/contracts";
import { ensureTopics } from "@waggle/kafka";
import { ConfigResourceTypes } from "kafkajs";
import { ask, client, unique } from "./lab";

jest.setTimeout(60_000);

const kafka = client();

function aTopic(more: Partial<TopicSpec> = {}): TopicSpec {
  const name = unique("topic");
  return { name, partitions: 3, cleanup: "delete", retentionMs: 60_000, maxMessageBytes: 2_000_000, ...more };
}

async function configOf({ name }: TopicSpec): Promise<Record<string, string>> {
  const { resources } = await ask(kafka, (admin) =>
    admin.describeConfigs({ includeSynonyms: false, resources: [{ type: ConfigResourceTypes.TOPIC, name }] }),
  );
  const entries = resources[0]?.configEntries ?? [];
  return Object.fromEntries(entries.map(({ configName, configValue }) => [configName, configValue]));
}

describe("making sure of topics", () => {
  it("creates what is missing, as it is described", async () => {
    const topics = [aTopic(), aTopic({ partitions: 1, cleanup: "compact", retentionMs: 120_000 })];
    await ensureTopics(kafka, topics, 1);
    const { topics: made } = await ask(kafka, (admin) =>
      admin.fetchTopicMetadata({ topics: topics.map(({ name }) => name) }),
    );
    expect(Object.fromEntries(made.map(({ name, partitions }) => [name, partitions.length]))).toEqual(
      Object.fromEntries(topics.map(({ name, partitions }) => [name, partitions])),
    );
    const [queue, table] = await Promise.all(topics.map(configOf));
    expect(queue).toMatchObject({
      "cleanup.policy": "delete",
      "retention.ms": "60000",
      "max.message.bytes": "2000000",
      "min.insync.replicas": "1",
    });
    expect(table).toMatchObject({ "cleanup.policy": "compact", "delete.retention.ms": "120000" });
  });

  it("leaves alone what is there, and adds what a newer release needs", async () => {
    const [old, added] = [aTopic(), aTopic()];
    await ensureTopics(kafka, [old], 1);
    await ensureTopics(kafka, [old], 1);
    await ensureTopics(kafka, [old, added], 1);
    expect(await configOf(added)).toMatchObject({ "retention.ms": "60000" });
  });

  it("may be done by several processes at once", async () => {
    const topics = [aTopic(), aTopic(), aTopic()];
    const several = [topics, topics, topics.toReversed(), topics.slice(1)].map((some) => ensureTopics(kafka, some, 1));
    await expect(Promise.all(several)).resolves.toHaveLength(4);
  });

  it("says everything that differs from what is needed", async () => {
    const [fine, fewer, compacted, smaller] = [aTopic(), aTopic(), aTopic(), aTopic()];
    await ensureTopics(kafka, [fine, fewer, compacted, smaller], 1);
    const wanted: TopicSpec[] = [
      fine,
      { ...fewer, partitions: 12 },
      { ...compacted, cleanup: "compact" },
      { ...smaller, maxMessageBytes: 4_000_000, partitions: 1 },
    ];
    await expect(ensureTopics(kafka, wanted, 1)).rejects.toMatchObject({
      name: "TopicMismatchError",
      differences: [
        `${fewer.name} has 3 partitions, not 12`,
        `${compacted.name} is not cleaned up by "compact"`,
        `${smaller.name} has 3 partitions, not 1`,
        `${smaller.name} takes 2000000 bytes a batch, not 4000000`,
      ],
    });
  });

  it("accepts a cluster that is more generous than needed", async () => {
    const topic = aTopic();
    await ensureTopics(kafka, [topic], 1);
    await expect(ensureTopics(kafka, [{ ...topic, maxMessageBytes: 1_000_000 }], 1)).resolves.toBeUndefined();
  });
});
