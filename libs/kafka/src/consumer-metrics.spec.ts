import { Registry } from "prom-client";
import { registerConsumerMetrics } from "./consumer-metrics";
import type { WatermarkConsumer } from "./watermark-consumer";

const NOW = 100_000;

async function scrape(consumer: unknown): Promise<string[]> {
  const registry = new Registry();
  // Of a consumer nothing but these two is read.
  const consumers = new Map([
    ["g", () => consumer as Pick<WatermarkConsumer, "assigned" | "rebalances"> as WatermarkConsumer],
  ]);
  registerConsumerMetrics(registry, consumers, () => NOW);
  const text = await registry.metrics();
  return text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
}

describe("metrics of consumers", () => {
  it("add up the partitions of a topic and tell its oldest record", async () => {
    const assigned = [
      { topic: "a", partition: 0, lag: 3, oldestTimestamp: NOW - 500 },
      { topic: "a", partition: 1, lag: 4, oldestTimestamp: NOW - 2_000 },
      { topic: "a", partition: 2, lag: 0, oldestTimestamp: null },
      { topic: "b", partition: 0, lag: 0, oldestTimestamp: null },
    ];
    expect(await scrape({ assigned, rebalances: 2 })).toEqual([
      'waggle_consumer_lag_records{group="g",topic="a"} 7',
      'waggle_consumer_lag_records{group="g",topic="b"} 0',
      'waggle_consumer_oldest_age_seconds{group="g",topic="a"} 2',
      'waggle_consumer_oldest_age_seconds{group="g",topic="b"} 0',
      'waggle_rebalances_total{group="g"} 2',
    ]);
  });

  it("know nothing of a consumer that does not run yet", async () => {
    expect(await scrape(null)).toEqual(['waggle_rebalances_total{group="g"} 0']);
  });
});
