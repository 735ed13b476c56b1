import { TIER_SECONDS, TIERS } from "@waggle/domain";
import {
  DELIVERY_TOPICS,
  MAX_BODY_BYTES,
  TIER_TOPICS,
  TOPICS,
  tierOfTopic,
  tierTopic,
  WEBHOOK_DELIVERIES,
} from "./topics";

const HOUR_MS = 3_600_000;

function spec(name: string) {
  const found = TOPICS.find((topic) => topic.name === name);
  if (!found) throw new Error(`${name} is not in the list`);
  return found;
}

describe("topics", () => {
  it("are the ones that the architecture names, each once", () => {
    expect(TOPICS.map((topic) => topic.name)).toEqual([
      "email.events",
      "email.inbound",
      "webhook.deliveries",
      "webhook.deliveries.retry.5s",
      "webhook.deliveries.retry.30s",
      "webhook.deliveries.retry.2m",
      "webhook.deliveries.retry.10m",
      "webhook.deliveries.retry.1h",
      "webhook.deliveries.retry.6h",
      "webhook.attempts",
      "webhook.directory",
      "dead.letters",
    ]);
  });

  it("of deliveries have one number of partitions, or a webhook's work would meet two dispatchers", () => {
    expect(new Set(DELIVERY_TOPICS.map((name) => spec(name).partitions))).toEqual(new Set([12]));
  });

  it("of deliveries list the tiers first, which a busy main topic would starve", () => {
    expect(DELIVERY_TOPICS).toEqual([...TIER_TOPICS, WEBHOOK_DELIVERIES]);
  });

  it.each(TIERS)("keep what waits in tier %s for 72 h after it is due", (tier) => {
    expect(spec(tierTopic(tier)).retentionMs).toBeGreaterThanOrEqual(TIER_SECONDS[tier] * 1_000 + 72 * HOUR_MS);
  });

  it.each(DELIVERY_TOPICS)("leave room in %s for the largest body and its headers", (name) => {
    expect(spec(name).maxMessageBytes).toBeGreaterThan(MAX_BODY_BYTES + 1_048_576);
  });

  it("keep the directory compacted in one partition", () => {
    expect(spec("webhook.directory")).toMatchObject({ partitions: 1, cleanup: "compact" });
    expect(TOPICS.filter((topic) => topic.cleanup === "compact")).toHaveLength(1);
  });
});

describe("tierOfTopic", () => {
  it.each(TIERS)("finds %s by its topic", (tier) => {
    expect(tierOfTopic(tierTopic(tier))).toBe(tier);
  });

  it.each([WEBHOOK_DELIVERIES, "webhook.deliveries.retry.", "webhook.deliveries.retry.5m", ""])(
    "finds none in %j",
    (topic) => {
      expect(tierOfTopic(topic)).toBeNull();
    },
  );
});
