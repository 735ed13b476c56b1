import { TIER_SECONDS, TIERS, type Tier } from "@waggle/domain";

/**
 * The one list of Kafka topics: boot creates or checks them, manifests and docs are generated from it.
 * Source: architecture "topics".
 */
export interface TopicSpec {
  readonly name: string;
  readonly partitions: number;
  readonly cleanup: "delete" | "compact";
  /** Milliseconds a record is kept; for a compacted topic how long a tombstone is. */
  readonly retentionMs: number;
  /** Bytes of the largest record batch. */
  readonly maxMessageBytes: number;
}

const DAY_MS = 86_400_000;
const MIB = 1_048_576;

/**
 * The count is the same for every keyed topic: partition i of all delivery topics goes to one dispatcher, so that
 * what it knows of a webhook (in flight, circuit, recent steps) is exact without a shared store.
 */
export const PARTITIONS = 12;

/** Bytes of the largest body that fits a delivery record with its headers; a longer one is cut and says `Truncated`. */
export const MAX_BODY_BYTES = 12 * MIB;

export const EMAIL_EVENTS = "email.events";
export const EMAIL_INBOUND = "email.inbound";
export const WEBHOOK_DELIVERIES = "webhook.deliveries";
export const WEBHOOK_ATTEMPTS = "webhook.attempts";
export const WEBHOOK_DIRECTORY = "webhook.directory";
export const DEAD_LETTERS = "dead.letters";

/** The topic in which deliveries wait for one retry tier. */
export function tierTopic(tier: Tier): string {
  return `${WEBHOOK_DELIVERIES}.retry.${tier}`;
}

/** Retry topics, the shortest wait first. */
export const TIER_TOPICS: readonly string[] = TIERS.map(tierTopic);

/**
 * Every topic the dispatcher reads. Tiers come first: the broker fills a fetch in this order, and a busy main topic
 * would starve them (seconds of lateness measured).
 */
export const DELIVERY_TOPICS: readonly string[] = [...TIER_TOPICS, WEBHOOK_DELIVERIES];

/** The tier a delivery topic holds, null for the main topic. */
export function tierOfTopic(topic: string): Tier | null {
  return TIERS.find((tier) => tierTopic(tier) === topic) ?? null;
}

const queue = { partitions: PARTITIONS, cleanup: "delete", retentionMs: 7 * DAY_MS } as const;

export const TOPICS: readonly TopicSpec[] = [
  // One publish request (≤ 5 MiB) may fall on one partition and is never split.
  { ...queue, name: EMAIL_EVENTS, maxMessageBytes: 16 * MIB },
  { ...queue, name: EMAIL_INBOUND, maxMessageBytes: 16 * MIB },
  { ...queue, name: WEBHOOK_DELIVERIES, retentionMs: 7 * DAY_MS, maxMessageBytes: 16 * MIB },
  ...TIERS.map((tier) => ({
    ...queue,
    name: tierTopic(tier),
    retentionMs: 3 * DAY_MS + TIER_SECONDS[tier] * 1_000,
    maxMessageBytes: 16 * MIB,
  })),
  { ...queue, name: WEBHOOK_ATTEMPTS, maxMessageBytes: 4 * MIB },
  { name: WEBHOOK_DIRECTORY, partitions: 1, cleanup: "compact", retentionMs: 8 * DAY_MS, maxMessageBytes: MIB },
  { name: DEAD_LETTERS, partitions: 3, cleanup: "delete", retentionMs: 30 * DAY_MS, maxMessageBytes: 16 * MIB },
];
