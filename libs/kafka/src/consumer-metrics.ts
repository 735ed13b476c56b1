import { Counter, Gauge, type Registry } from "prom-client";
import type { DirectoryTable } from "./directory-table";
import type { WatermarkConsumer } from "./watermark-consumer";

/**
 * `waggle_consumer_lag_records`, `waggle_consumer_oldest_age_seconds` and `waggle_rebalances_total` of the consumers of
 * a process, computed when they are scraped.
 */
export function registerConsumerMetrics(
  registry: Registry,
  consumers: ReadonlyMap<string, () => WatermarkConsumer | null>,
  now: () => number,
): void {
  const perTopic = (group: string, each: (topic: string, lag: number, oldest: number | null) => void) => {
    for (const work of consumers.get(group)?.()?.assigned ?? []) each(work.topic, work.lag, work.oldestTimestamp);
  };
  new Gauge({
    name: "waggle_consumer_lag_records",
    help: "Records that are not done, by group and topic",
    labelNames: ["group", "topic"],
    registers: [registry],
    collect() {
      this.reset();
      for (const group of consumers.keys()) perTopic(group, (topic, lag) => this.inc({ group, topic }, lag));
    },
  });
  new Gauge({
    name: "waggle_consumer_oldest_age_seconds",
    help: "Age of the oldest record in work, by group and topic",
    labelNames: ["group", "topic"],
    registers: [registry],
    collect() {
      this.reset();
      const oldest = new Map<string, { group: string; topic: string; at: number }>();
      for (const group of consumers.keys()) {
        perTopic(group, (topic, _lag, at) => {
          const key = `${group}/${topic}`;
          oldest.set(key, { group, topic, at: Math.min(at ?? now(), oldest.get(key)?.at ?? now()) });
        });
      }
      for (const { group, topic, at } of oldest.values()) this.set({ group, topic }, (now() - at) / 1_000);
    },
  });
  new Counter({
    name: "waggle_rebalances_total",
    help: "Rebalances this process took part in, by group",
    labelNames: ["group"],
    registers: [registry],
    collect() {
      this.reset();
      for (const [group, consumer] of consumers) this.inc({ group }, consumer()?.rebalances ?? 0);
    },
  });
}

/** `waggle_directory_offset`: how far this process has read the directory, to compare with the topic's end. */
export function registerDirectoryMetrics(registry: Registry, directory: Pick<DirectoryTable, "position">): void {
  new Gauge({
    name: "waggle_directory_offset",
    help: "The offset up to which this process has read the directory",
    registers: [registry],
    collect() {
      this.set(directory.position);
    },
  });
}
